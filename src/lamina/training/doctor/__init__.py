"""The doctor: what is wrong with a model and its data, said before the time for training is spent.

In `fit` it costs next to nothing: it looks at at most 1,000 rows, at the plan of the step (which is traced anyway), and
at the loss of the first step. `Model.check` and `lamina check` also run the model on some rows, try a few steps and
undo them, and compare rows and labels.
"""

from .case import Case, Head, heads_of
from .examine import examine, examine_cheaply, first_loss, warn
from .finding import DoctorWarning, Finding, findings_table
from .plan import Plan, watched

__all__ = [
    "Case",
    "DoctorWarning",
    "Finding",
    "Head",
    "Plan",
    "examine",
    "examine_cheaply",
    "findings_table",
    "first_loss",
    "heads_of",
    "warn",
    "watched",
]

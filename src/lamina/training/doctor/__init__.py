"""The doctor: what is wrong with a model and its data, said before the time for training is spent.

In `fit` it costs next to nothing: it looks at at most 1,000 rows, at the plan of the step (which is traced anyway), and
at the loss of the first step. `Model.check` and `lamina check` also run the model on some rows, try a few steps and
undo them, and compare rows and labels.
"""

from .finding import DoctorWarning, Finding, findings_table

__all__ = ["DoctorWarning", "Finding", "findings_table"]

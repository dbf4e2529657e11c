"""The ground: tensors, the tape, derivatives, randomness, compilation. Read in this order:
`tensor`, `tape`, `op`, `transforms`; the rest when needed."""

from .checkpoint import checkpoint
from .compiled import Compiled, bound, compile, functional, lent, touched
from .config import Configurable, lookup, serialize
from .dtypes import DTypePolicy, autocast, dtype_policy, floatx, is_float, promote, set_dtype_policy
from .errors import (
    ArgumentError,
    DataError,
    DTypeError,
    FileFormatError,
    GradientError,
    LaminaError,
    MissingPackageError,
    NonFiniteError,
    NotBuiltError,
    RecompilationError,
    ReproductionError,
    ShapeError,
    UnknownNameError,
)
from .fusion import materialize
from .gradcheck import gradcheck
from .memory import keep_freed_memory
from .op import Array, Op, composite, op, ops
from .optional import require
from .random import get_random_state, get_seed, random_scope, set_random_state, set_seed
from .registry import Registry, snake_case
from .symbolic import Call, Symbol, record
from .tape import Seldom, is_recording, no_grad, watch
from .tensor import Tensor, as_array, methods
from .transforms import (
    from_jax,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    stop_gradient,
    value_and_grad,
    vjp,
)
from .variable import Variable

__all__ = [
    "ArgumentError",
    "Array",
    "Call",
    "Compiled",
    "Configurable",
    "DTypeError",
    "DTypePolicy",
    "DataError",
    "FileFormatError",
    "GradientError",
    "LaminaError",
    "MissingPackageError",
    "NonFiniteError",
    "NotBuiltError",
    "Op",
    "RecompilationError",
    "Registry",
    "ReproductionError",
    "Seldom",
    "ShapeError",
    "Symbol",
    "Tensor",
    "UnknownNameError",
    "Variable",
    "as_array",
    "autocast",
    "bound",
    "checkpoint",
    "compile",
    "composite",
    "dtype_policy",
    "floatx",
    "from_jax",
    "functional",
    "get_random_state",
    "get_seed",
    "grad",
    "gradcheck",
    "gradients",
    "hessian",
    "hvp",
    "is_float",
    "is_recording",
    "jacobian",
    "jvp",
    "lent",
    "lookup",
    "materialize",
    "methods",
    "no_grad",
    "op",
    "ops",
    "promote",
    "random_scope",
    "record",
    "require",
    "serialize",
    "set_dtype_policy",
    "set_random_state",
    "set_seed",
    "snake_case",
    "stop_gradient",
    "touched",
    "value_and_grad",
    "vjp",
    "watch",
]

keep_freed_memory()

"""Losses: what training makes small. Each has a class and a function that gives one number per sample."""

from ..core import serialize
from ..ops.class_errors import binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy
from ..ops.errors import (
    categorical_hinge,
    hinge,
    huber,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    squared_hinge,
)
from .cross_entropy import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from .divergence import CosineSimilarity, KLDivergence, cosine_similarity
from .focal import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from .gaussian import GaussianNLL, gaussian_nll
from .generalized import CategoricalGeneralizedCrossEntropy, categorical_generalized_cross_entropy
from .loss import FunctionLoss, Loss, get, registry
from .margin import CategoricalHinge, Hinge, SquaredHinge
from .overlap import Dice, Tversky, dice, tversky
from .pinball import Quantile, quantile
from .regression import (
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
)
from .sequence import CTC, ctc
from .similarity import Circle, circle
from .triplet import TripletMargin, triplet_margin
from .twins import Contrastive, contrastive
from .views import NTXent, nt_xent

__all__ = [
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CTC", "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy", "CategoricalGeneralizedCrossEntropy", "CategoricalHinge", "Circle",
    "Contrastive", "CosineSimilarity", "Dice", "FunctionLoss", "GaussianNLL", "Hinge", "Huber", "KLDivergence",
    "LogCosh", "Loss", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "NTXent", "Poisson", "Quantile", "SparseCategoricalCrossentropy", "SquaredHinge",
    "TripletMargin", "Tversky", "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy",
    "categorical_focal_crossentropy", "categorical_generalized_cross_entropy", "categorical_hinge", "circle",
    "contrastive", "cosine_similarity", "ctc", "dice", "gaussian_nll", "get", "hinge", "huber", "kl_divergence",
    "log_cosh", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error",
    "mean_squared_logarithmic_error", "nt_xent", "poisson", "quantile", "registry", "serialize",
    "sparse_categorical_crossentropy", "squared_hinge", "triplet_margin", "tversky",
]  # fmt: skip

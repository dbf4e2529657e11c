"""Metrics: what is watched while training; sums over batches of any size, exact under sample weights."""

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
from .accuracies import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from .auc import AUC
from .average_precision import MeanAveragePrecision
from .bleu import BLEU
from .calibration import ExpectedCalibrationError
from .confusion_matrix import ConfusionMatrix
from .correlation import ConcordanceCorrelation, PearsonCorrelation, concordance_correlation, pearson_correlation
from .cross_entropy import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from .curve_points import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from .divergence import CosineSimilarity, KLDivergence
from .edit_distance import CharErrorRate, WordErrorRate
from .f_score import F1Score, FBetaScore
from .find import get
from .iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from .margin import CategoricalHinge, Hinge, SquaredHinge
from .mean import Mean, MeanMetricWrapper, Sum
from .metric import Metric, registry
from .outcomes import FalseNegatives, FalsePositives, TrueNegatives, TruePositives
from .perplexity import Perplexity
from .precision_recall import Precision, Recall
from .r2 import R2Score
from .ranking import NDCG, HitRate, MeanReciprocalRank
from .regression import (
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    Poisson,
    RootMeanSquaredError,
)
from .resolve import resolve_accuracy
from .rouge import RougeL, RougeN

__all__ = [
    "AUC", "Accuracy", "BLEU", "BinaryAccuracy", "BinaryCrossentropy", "BinaryIoU", "CategoricalAccuracy",
    "CategoricalCrossentropy", "CategoricalHinge", "CharErrorRate", "ConcordanceCorrelation", "ConfusionMatrix",
    "CosineSimilarity", "ExpectedCalibrationError", "F1Score", "FBetaScore", "FalseNegatives", "FalsePositives",
    "Hinge", "HitRate", "IoU", "KLDivergence", "LogCoshError", "Mean", "MeanAbsoluteError",
    "MeanAbsolutePercentageError", "MeanAveragePrecision", "MeanIoU", "MeanMetricWrapper", "MeanReciprocalRank",
    "MeanSquaredError", "MeanSquaredLogarithmicError", "Metric", "NDCG", "OneHotIoU", "OneHotMeanIoU",
    "PearsonCorrelation", "Perplexity", "Poisson", "Precision", "PrecisionAtRecall", "R2Score", "Recall",
    "RecallAtPrecision", "RootMeanSquaredError", "RougeL", "RougeN", "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity", "SquaredHinge", "Sum", "TopKCategoricalAccuracy", "TrueNegatives", "TruePositives",
    "WordErrorRate", "accuracy", "binary_accuracy", "binary_crossentropy", "categorical_accuracy",
    "categorical_crossentropy", "categorical_hinge", "concordance_correlation", "get", "hinge", "huber",
    "kl_divergence", "log_cosh", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_error",
    "mean_squared_logarithmic_error", "pearson_correlation", "poisson", "registry", "resolve_accuracy", "serialize",
    "sparse_categorical_accuracy", "sparse_categorical_crossentropy", "sparse_top_k_categorical_accuracy",
    "squared_hinge", "top_k_categorical_accuracy",
]  # fmt: skip

"""Metrics: what is reported beside the loss. Their names serve as well.

By itself a metric has `update_state`, `result` and `reset_state`, as in Keras.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from . import _lib
from ._alone import samples
from ._configured import Configured
from ._graph import snake_case

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "confusion_matrix",
]


@dataclass(eq=False)
class Metric(Configured):
    """What is reported beside the loss, under its class's name: ``"binary_accuracy"``.

    A trainer has sums of its own: those of this object are of `update_state` alone.

    Parameters
    ----------
    name : str, optional
        Another name under which it is reported.
    """

    name: str | None = field(default=None, kw_only=True)
    _sums: list[float] = field(default_factory=list, init=False)
    # An array without samples, of the predictions' shape.
    _predictions: Any = field(default=None, init=False)

    def update_state(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> None:
        """Add a batch; its first axis is the samples.

        Parameters
        ----------
        y_true, y_pred : array_like
            Targets and predictions.
        sample_weight : array_like, optional
            One number a sample.
        """
        true, predicted, weight = samples(y_true, y_pred, sample_weight)
        _, self._sums = _lib.call(
            "snn_metric_compute",
            {"metric": self.serialize()},
            true,
            predicted,
            weight,
            np.array(self._sums, np.float64),
        )
        self._predictions = predicted[:0].copy()

    def result(self) -> float | NDArray[np.float64]:
        """The metric of the batches so far; 0 before the first.

        Where it has several numbers, one for each class or threshold, they are an array.
        """
        if self._predictions is None:
            return 0.0
        values: list[float] = _lib.call(
            "snn_metric_get_result",
            {"metric": self.serialize()},
            self._predictions,
            np.array(self._sums, np.float64),
        )
        return values[0] if len(values) == 1 else np.array(values)

    def reset_state(self) -> None:
        """Forget all batches."""
        self._sums = []
        self._predictions = None

    def __call__(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> float | NDArray[np.float64]:
        """Add a batch, and give the metric of the batches so far."""
        self.update_state(y_true, y_pred, sample_weight)
        return self.result()

    def __post_init__(self) -> None:
        if self.name is None:
            self.name = _REPORTED.get(self.class_name) or snake_case(self.class_name)
        self._is_named = self.name != (
            _REPORTED.get(self.class_name) or snake_case(self.class_name)
        )

    def options(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON: the library has the same defaults."""
        options = super().options()
        if not self._is_named:
            options.pop("name", None)
        return options


# Where Keras's name is not that of the class.
_REPORTED = {"LogCoshError": "logcosh", "FBetaScore": "fbeta_score"}


def confusion_matrix(
    y_true: npt.ArrayLike,
    y_pred: npt.ArrayLike,
    num_classes: int | None = None,
    sample_weight: npt.ArrayLike | None = None,
) -> npt.NDArray[Any]:
    """How often each class (row) was predicted as each (column).

    Parameters
    ----------
    y_true, y_pred : array_like
        Class numbers; or, with one axis more, one-hot labels and scores, whose greatest counts.
    num_classes : int, optional
        How many classes there are; without it as many as occur.
    sample_weight : array_like, optional
        What each sample counts instead of 1.

    Returns
    -------
    ndarray
        The counts, ``[num_classes, num_classes]``; of floats with weights.
    """
    true, predicted = np.asarray(y_true), np.asarray(y_pred)
    if true.ndim == 2 and true.shape[1] > 1:
        true = true.argmax(axis=1)
    if predicted.ndim == 2 and predicted.shape[1] > 1:
        num_classes = num_classes or predicted.shape[1]
        predicted = predicted.argmax(axis=1)
    true, predicted = true.reshape(-1).astype(int), predicted.reshape(-1).astype(int)
    if true.shape != predicted.shape:
        raise ValueError(f"expected as many predictions as labels, received {predicted.size}")
    both = np.concatenate([true, predicted])
    count = num_classes or (int(both.max()) + 1 if both.size else 0)
    if both.size and (both.min() < 0 or both.max() >= count):
        raise ValueError(
            f"expected classes from 0 to {count - 1}, received {both.min()} to {both.max()}"
        )
    weights = np.ones(true.shape, int) if sample_weight is None else np.asarray(sample_weight)
    matrix = np.zeros((count, count), weights.dtype)
    np.add.at(matrix, (true, predicted), weights)
    return matrix


@dataclass(eq=False)
class Accuracy(Metric):
    """How often a prediction equals its label. The name ``"accuracy"`` lets the loss decide."""


@dataclass(eq=False)
class BinaryAccuracy(Metric):
    """How often a prediction lies on the label's side of a threshold.

    Parameters
    ----------
    threshold : float
        The threshold.
    """

    threshold: float = 0.5


@dataclass(eq=False)
class CategoricalAccuracy(Metric):
    """How often the greatest prediction is that of the one-hot label."""


@dataclass(eq=False)
class SparseCategoricalAccuracy(Metric):
    """How often the greatest prediction is that of the class number."""


@dataclass(eq=False)
class TopKCategoricalAccuracy(Metric):
    """How often the one-hot label is among the greatest predictions.

    Parameters
    ----------
    k : int
        How many predictions those are.
    """

    k: int = 5


@dataclass(eq=False)
class SparseTopKCategoricalAccuracy(Metric):
    """How often the class number is among the greatest predictions.

    Parameters
    ----------
    k : int
        How many predictions those are.
    """

    k: int = 5


@dataclass(eq=False)
class TruePositives(Metric):
    """Predictions above the threshold whose label is not 0.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        The threshold, from 0 to 1; 0.5 without it. Of several each has a result.
    """

    thresholds: float | Sequence[float] | None = None


@dataclass(eq=False)
class TrueNegatives(Metric):
    """Predictions not above the threshold whose label is 0.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        The threshold, from 0 to 1; 0.5 without it. Of several each has a result.
    """

    thresholds: float | Sequence[float] | None = None


@dataclass(eq=False)
class FalsePositives(Metric):
    """Predictions above the threshold whose label is 0.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        The threshold, from 0 to 1; 0.5 without it. Of several each has a result.
    """

    thresholds: float | Sequence[float] | None = None


@dataclass(eq=False)
class FalseNegatives(Metric):
    """Predictions not above the threshold whose label is not 0.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        The threshold, from 0 to 1; 0.5 without it. Of several each has a result.
    """

    thresholds: float | Sequence[float] | None = None


@dataclass(eq=False)
class Precision(Metric):
    """The share of the positive predictions that are right.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        The threshold, from 0 to 1; 0.5 without it, or all of the top k. Of several each has a
        result.
    top_k : int, optional
        Only so many of the greatest predictions of a vector count as positive.
    class_id : int, optional
        Only this place of a vector counts.
    """

    thresholds: float | Sequence[float] | None = None
    top_k: int | None = None
    class_id: int | None = None


@dataclass(eq=False)
class Recall(Metric):
    """The share of the labels that are not 0 that is found.

    Parameters
    ----------
    thresholds : float or sequence of float, optional
        The threshold, from 0 to 1; 0.5 without it, or all of the top k. Of several each has a
        result.
    top_k : int, optional
        Only so many of the greatest predictions of a vector count as positive.
    class_id : int, optional
        Only this place of a vector counts.
    """

    thresholds: float | Sequence[float] | None = None
    top_k: int | None = None
    class_id: int | None = None


@dataclass(eq=False)
class SensitivityAtSpecificity(Metric):
    """The best sensitivity at a threshold where the specificity is at least a bound.

    Parameters
    ----------
    specificity : float
        The bound, from 0 to 1.
    num_thresholds : int
        How many thresholds are tried, evenly from 0 to 1.
    class_id : int, optional
        Only this place of a vector counts.
    """

    specificity: float
    num_thresholds: int = 200
    class_id: int | None = None


@dataclass(eq=False)
class SpecificityAtSensitivity(Metric):
    """The best specificity at a threshold where the sensitivity is at least a bound.

    Parameters
    ----------
    sensitivity : float
        The bound, from 0 to 1.
    num_thresholds : int
        How many thresholds are tried, evenly from 0 to 1.
    class_id : int, optional
        Only this place of a vector counts.
    """

    sensitivity: float
    num_thresholds: int = 200
    class_id: int | None = None


@dataclass(eq=False)
class PrecisionAtRecall(Metric):
    """The best precision at a threshold where the recall is at least a bound.

    Parameters
    ----------
    recall : float
        The bound, from 0 to 1.
    num_thresholds : int
        How many thresholds are tried, evenly from 0 to 1.
    class_id : int, optional
        Only this place of a vector counts.
    """

    recall: float
    num_thresholds: int = 200
    class_id: int | None = None


@dataclass(eq=False)
class RecallAtPrecision(Metric):
    """The best recall at a threshold where the precision is at least a bound.

    Parameters
    ----------
    precision : float
        The bound, from 0 to 1.
    num_thresholds : int
        How many thresholds are tried, evenly from 0 to 1.
    class_id : int, optional
        Only this place of a vector counts.
    """

    precision: float
    num_thresholds: int = 200
    class_id: int | None = None


@dataclass(eq=False)
class AUC(Metric):
    """The area under a curve of decisions at thresholds.

    Parameters
    ----------
    num_thresholds : int
        How many thresholds there are, evenly from 0 to 1.
    curve : str
        ``"ROC"``, ``"PR"`` (precision and recall) or ``"PRGAIN"``.
    summation_method : str
        Or ``"majoring"``, ``"minoring"``.
    thresholds : sequence of float, optional
        Thresholds instead, from 0 to 1.
    multi_label : bool
        Whether each place of a vector has an area of its own, which are averaged.
    num_labels : int, optional
        How many places those are.
    label_weights : sequence of float, optional
        What each place counts.
    from_logits : bool
        Whether the predictions come before the sigmoid.
    """

    num_thresholds: int = 200
    curve: str = "ROC"
    summation_method: str = "interpolation"
    thresholds: Sequence[float] | None = None
    multi_label: bool = False
    num_labels: int | None = None
    label_weights: Sequence[float] | None = None
    from_logits: bool = False


@dataclass(eq=False)
class F1Score(Metric):
    """The harmonic mean of precision and recall.

    Parameters
    ----------
    average : str, optional
        ``"micro"``, ``"macro"`` or ``"weighted"``; without it each class has a result.
    threshold : float, optional
        What a positive prediction is above; without it it is the greatest of a vector.
    """

    average: str | None = None
    threshold: float | None = None


@dataclass(eq=False)
class FBetaScore(Metric):
    """The mean of precision and recall that weighs recall with the square of ``beta``.

    Parameters
    ----------
    average : str, optional
        ``"micro"``, ``"macro"`` or ``"weighted"``; without it each class has a result.
    beta : float
        Greater than 0.
    threshold : float, optional
        What a positive prediction is above; without it it is the greatest of a vector.
    """

    average: str | None = None
    beta: float = 1.0
    threshold: float | None = None


@dataclass(eq=False)
class IoU(Metric):
    """Intersection over union of some classes.

    Parameters
    ----------
    num_classes : int
        How many classes there are.
    target_class_ids : sequence of int
        The classes that are averaged over.
    ignore_class : int, optional
        The label whose places do not count.
    sparse_y_true : bool
        Whether labels are class numbers.
    sparse_y_pred : bool
        Whether predictions are class numbers.
    dtype : str, optional
        ``"float32"`` counts weights as they are; without it they are cut off to integers.
    """

    num_classes: int
    target_class_ids: Sequence[int]
    ignore_class: int | None = None
    sparse_y_true: bool = True
    sparse_y_pred: bool = True
    dtype: str | None = None


@dataclass(eq=False)
class MeanIoU(Metric):
    """Intersection over union of all classes.

    Parameters
    ----------
    num_classes : int
        How many classes there are.
    ignore_class : int, optional
        The label whose places do not count.
    sparse_y_true : bool
        Whether labels are class numbers.
    sparse_y_pred : bool
        Whether predictions are class numbers.
    dtype : str, optional
        ``"float32"`` counts weights as they are; without it they are cut off to integers.
    """

    num_classes: int
    ignore_class: int | None = None
    sparse_y_true: bool = True
    sparse_y_pred: bool = True
    dtype: str | None = None


@dataclass(eq=False)
class OneHotIoU(Metric):
    """`IoU` of one-hot labels.

    Parameters
    ----------
    num_classes : int
        How many classes there are.
    target_class_ids : sequence of int
        The classes that are averaged over.
    ignore_class : int, optional
        The label whose places do not count.
    sparse_y_pred : bool
        Whether predictions are class numbers.
    dtype : str, optional
        ``"float32"`` counts weights as they are; without it they are cut off to integers.
    """

    num_classes: int
    target_class_ids: Sequence[int]
    ignore_class: int | None = None
    sparse_y_pred: bool = False
    dtype: str | None = None


@dataclass(eq=False)
class OneHotMeanIoU(Metric):
    """`MeanIoU` of one-hot labels.

    Parameters
    ----------
    num_classes : int
        How many classes there are.
    ignore_class : int, optional
        The label whose places do not count.
    sparse_y_pred : bool
        Whether predictions are class numbers.
    dtype : str, optional
        ``"float32"`` counts weights as they are; without it they are cut off to integers.
    """

    num_classes: int
    ignore_class: int | None = None
    sparse_y_pred: bool = False
    dtype: str | None = None


@dataclass(eq=False)
class BinaryIoU(Metric):
    """Intersection over union of 0 and 1.

    Parameters
    ----------
    target_class_ids : sequence of int
        Which of both are averaged over.
    threshold : float
        A prediction of at least this is 1.
    dtype : str, optional
        ``"float32"`` counts weights as they are; without it they are cut off to integers.
    """

    target_class_ids: Sequence[int] = (0, 1)
    threshold: float = 0.5
    dtype: str | None = None


@dataclass(eq=False)
class R2Score(Metric):
    """The share of the labels' variance that is explained.

    Parameters
    ----------
    class_aggregation : str, optional
        Or ``"variance_weighted_average"``; with None each number of the output has a result.
    num_regressors : int
        For how many independent variables it is adjusted.
    """

    class_aggregation: str | None = "uniform_average"
    num_regressors: int = 0


@dataclass(eq=False)
class RootMeanSquaredError(Metric):
    """The root of the mean squared error."""


@dataclass(eq=False)
class LogCoshError(Metric):
    """As the loss `losses.LogCosh`."""


@dataclass(eq=False)
class CosineSimilarity(Metric):
    """The cosine of the angle between label and prediction."""


@dataclass(eq=False)
class PearsonCorrelation(Metric):
    """The correlation of label and prediction along the last axis."""


@dataclass(eq=False)
class ConcordanceCorrelation(Metric):
    """Lin's concordance of label and prediction along the last axis."""


@dataclass(eq=False)
class MeanSquaredError(Metric):
    """As the loss."""


@dataclass(eq=False)
class MeanAbsoluteError(Metric):
    """As the loss."""


@dataclass(eq=False)
class MeanAbsolutePercentageError(Metric):
    """As the loss."""


@dataclass(eq=False)
class MeanSquaredLogarithmicError(Metric):
    """As the loss."""


@dataclass(eq=False)
class Hinge(Metric):
    """As the loss."""


@dataclass(eq=False)
class SquaredHinge(Metric):
    """As the loss."""


@dataclass(eq=False)
class CategoricalHinge(Metric):
    """As the loss."""


@dataclass(eq=False)
class KLDivergence(Metric):
    """As the loss."""


@dataclass(eq=False)
class Poisson(Metric):
    """As the loss."""


@dataclass(eq=False)
class BinaryCrossentropy(Metric):
    """As the loss.

    Parameters
    ----------
    from_logits : bool
        Whether the predictions are logits.
    label_smoothing : float
        How far the labels are smoothed, from 0 to 1.
    """

    from_logits: bool = False
    label_smoothing: float = 0.0


@dataclass(eq=False)
class CategoricalCrossentropy(Metric):
    """As the loss.

    Parameters
    ----------
    from_logits : bool
        Whether the predictions are logits.
    label_smoothing : float
        How far the labels are smoothed, from 0 to 1.
    """

    from_logits: bool = False
    label_smoothing: float = 0.0


@dataclass(eq=False)
class SparseCategoricalCrossentropy(Metric):
    """As the loss.

    Parameters
    ----------
    from_logits : bool
        Whether the predictions are logits.
    ignore_class : int, optional
        The label whose places count nothing.
    """

    from_logits: bool = False
    ignore_class: int | None = None

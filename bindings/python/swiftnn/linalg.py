"""Linear models that are fitted exactly, with scikit-learn's names.

>>> import numpy as np
>>> import swiftnn
>>> x = np.arange(12.0).reshape(6, 2) ** 2
>>> model = swiftnn.linalg.LinearRegression().fit(x, x @ [2.0, -1.0] + 3.0)
>>> model.coef_.round(10), round(model.intercept_, 10)
(array([ 2., -1.]), 3.0)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import _lib
from ._data import Array, as_array
from ._dataset import Dataset
from .errors import ArgumentError, ShapeError, StateError, UnsupportedError

__all__ = ["LinearRegression", "Ridge"]

Numbers = NDArray[np.float64]
_Self = TypeVar("_Self", bound="_Linear")


class _Linear:
    """What least squares and ridge regression share."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._linear: _lib.Handle = _lib.call("snn_linear_create", options)
        # Whether the outputs had an axis of their own; None before a fit.
        self._has_output_axis: bool | None = None
        self.is_rank_deficient_ = False

    def fit(self: _Self, X: Any, y: Any = None, sample_weight: Any = None) -> _Self:  # noqa: N803
        """Fit to samples; what was fitted before is forgotten.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features), or Dataset
            The samples; float64 is taken as it is. A `Dataset` brings its targets and weights
            along and may be a file that is larger than memory.
        y : array_like of shape (n_samples,) or (n_samples, n_outputs)
            The targets.
        sample_weight : array_like of shape (n_samples,), optional
            How much each sample counts, at least 0.
        """
        if isinstance(X, Dataset):
            if y is not None or sample_weight is not None:
                raise ArgumentError("a Dataset brings its targets and weights along")
            status = _lib.call("snn_linear_fit_dataset", self._linear, X.handle)
            self._has_output_axis = _lib.call("snn_linear_get_counts", self._linear)[1] > 1
        else:
            samples = _samples(X, y, sample_weight)
            status = _lib.call("snn_linear_fit", self._linear, *samples)
            self._has_output_axis = samples[1].ndim > 1
        self.is_rank_deficient_ = status == _lib.header().constants["SNN_RANK_DEFICIENT"]
        return self

    def update(self: _Self, X: Any, y: Any, sample_weight: Any = None) -> _Self:  # noqa: N803
        """Take more samples in, one or many, in their order: recursive least squares.

        The model is then the one that fits all samples so far, where each one makes those before
        it count less by `forgetting_factor`. Works from the first sample on, without a `fit`.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`, but arrays.
        """
        samples = _samples(X, y, sample_weight)
        _lib.call("snn_linear_update", self._linear, *samples)
        if self._has_output_axis is None:
            self._has_output_axis = samples[1].ndim > 1
        return self

    def predict(self, X: Any) -> Numbers:  # noqa: N803
        """Predictions, of shape (n_samples,) or (n_samples, n_outputs) as the targets had.

        Parameters
        ----------
        X : array_like of shape (n_samples, n_features)
            The samples.
        """
        self._check_fitted()
        inputs = _matrix(X)
        predictions = np.empty((len(inputs), self.n_outputs_))
        _lib.call("snn_linear_predict", self._linear, inputs, out=predictions)
        return predictions if self._has_output_axis else predictions[:, 0]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803
        """R², the share of the targets' variance that is predicted; the outputs' mean.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`, but arrays.
        """
        targets = np.asarray(y, np.float64).reshape(len(y), -1)
        weights = None if sample_weight is None else np.asarray(sample_weight, np.float64)
        means = np.average(targets, axis=0, weights=weights)
        column = 1.0 if weights is None else weights[:, None]
        predictions = self.predict(X).reshape(len(targets), -1)
        left = (column * (targets - predictions) ** 2).sum(0)
        total = (column * (targets - means) ** 2).sum(0)
        # Constant targets: 1 when they are met, else 0, as scikit-learn has it.
        shares = np.where(total > 0, 1 - left / np.where(total > 0, total, 1), left == 0)
        return float(shares.mean())

    @property
    def coef_(self) -> Numbers:
        """The coefficients, (n_features,) or (n_outputs, n_features) as the targets had it."""
        values = self._get("snn_linear_get_coefficients").reshape(self.n_outputs_, -1)
        return values if self._has_output_axis else values[0]

    @property
    def intercept_(self) -> float | Numbers:
        """The intercept of each output; a number where the targets had no axis of outputs."""
        values = self._get("snn_linear_get_intercept")
        return values if self._has_output_axis else float(values[0])

    @property
    def rank_(self) -> int:
        """The rank of X, centred where there is an intercept."""
        return self._counts()[3]

    @property
    def singular_(self) -> Numbers:
        """The singular values of X, centred where there is an intercept, largest first."""
        features, _, samples, _ = self._counts()
        return self._get("snn_linear_get_singular_values")[: min(features, samples)]

    @property
    def residual_sum_of_squares_(self) -> float | Numbers:
        """The weighted sum of the squares of what the model leaves, for each output."""
        values = self._get("snn_linear_get_residual_sums_of_squares")
        return values if self._has_output_axis else float(values[0])

    @property
    def n_features_in_(self) -> int:
        """How many features there are."""
        return self._counts()[0]

    @property
    def n_outputs_(self) -> int:
        """How many outputs there are."""
        return self._counts()[1]

    @property
    def n_samples_seen_(self) -> int:
        """How many samples went in."""
        return self._counts()[2]

    def _counts(self) -> tuple[int, int, int, int]:
        self._check_fitted()
        counts: tuple[int, int, int, int] = _lib.call("snn_linear_get_counts", self._linear)
        return counts

    def _get(self, function: str) -> Numbers:
        self._check_fitted()
        return np.array(_lib.call(function, self._linear), np.float64)

    def _check_fitted(self) -> None:
        if self._has_output_axis is None:
            raise _NotFittedError(f"this {type(self).__name__} has not been fitted yet")


class _NotFittedError(StateError, ValueError, AttributeError):
    """As scikit-learn's own, also an error that hasattr understands."""


class LinearRegression(_Linear):
    """Least squares: the coefficients with the smallest sum of squared errors, exactly.

    Computed in double by Householder's QR factorization. Where the samples leave coefficients
    open, they are those of least norm and `is_rank_deficient_` is True.

    Parameters
    ----------
    fit_intercept : bool
        Whether there is an intercept.
    copy_X : bool
        Nothing is ever overwritten: both mean the same.
    n_jobs : int, optional
        Threads; None is the process's number. Results do not depend on it.
    positive : bool
        Only False.
    rcond : float, optional
        A singular value of at most this share of the largest counts as 0; 0 keeps all. None is
        2^-52 times the larger of the numbers of samples and features, as in `numpy.linalg.lstsq`.
    scale_columns : bool
        Whether the rank is judged with columns scaled to about unit norm, so that a feature's unit
        does not matter. False judges them as they are, as numpy and scikit-learn do.
    forgetting_factor : float
        What each sample of `update` multiplies the weight of all before it with; above 0, at
        most 1.

    Attributes
    ----------
    coef_ : array of shape (n_features,) or (n_outputs, n_features)
    intercept_ : float or array of shape (n_outputs,)
    rank_ : int
    singular_ : array of shape (min(n_samples, n_features),)
    residual_sum_of_squares_ : float or array of shape (n_outputs,)
    is_rank_deficient_ : bool
        Whether other coefficients fitted as well in the last `fit`.
    """

    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,  # noqa: N803
        n_jobs: int | None = None,
        positive: bool = False,
        rcond: float | None = None,
        scale_columns: bool = True,
        forgetting_factor: float = 1.0,
    ) -> None:
        _refuse(positive)
        super().__init__(
            {
                "fit_intercept": bool(fit_intercept),
                "rcond": rcond,
                "scale_columns": bool(scale_columns),
                "forgetting_factor": forgetting_factor,
                "threads": _threads(n_jobs),
            }
        )


class Ridge(_Linear):
    """Least squares with a penalty: the smallest ||y - X w||² + alpha ||w||².

    Parameters
    ----------
    alpha : float or sequence of float
        The penalty, one for all outputs or one for each, at least 0. The intercept is free.
    fit_intercept, copy_X, positive, rcond, scale_columns, forgetting_factor
        As in `LinearRegression`. (The penalty does not fade with the samples.)

    Attributes
    ----------
    coef_, intercept_, rank_, singular_, residual_sum_of_squares_, is_rank_deficient_
        As in `LinearRegression`; `rank_` and `singular_` are those of X alone.
    """

    def __init__(
        self,
        alpha: float | Sequence[float] | NDArray[Any] = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,  # noqa: N803
        positive: bool = False,
        rcond: float | None = None,
        scale_columns: bool = True,
        forgetting_factor: float = 1.0,
    ) -> None:
        _refuse(positive)
        super().__init__(
            {
                "alpha": np.asarray(alpha, np.float64).tolist(),
                "fit_intercept": bool(fit_intercept),
                "rcond": rcond,
                "scale_columns": bool(scale_columns),
                "forgetting_factor": forgetting_factor,
            }
        )


def _refuse(positive: bool) -> None:
    if positive:
        raise UnsupportedError("positive: expected False, received True")


def _threads(jobs: int | None) -> int:
    if jobs is None or jobs == -1:
        return 0
    return jobs


def _matrix(value: Any) -> Array:
    array = as_array(value, "X")
    if array.ndim != 2:
        raise ShapeError(f"X: expected an array of 2 axes, received shape {array.shape}")
    return array


def _samples(X: Any, y: Any, sample_weight: Any) -> tuple[Array, Array, Array | None]:  # noqa: N803
    if y is None:
        raise ArgumentError("y: expected targets, received None")
    targets = as_array(y, "y")
    if targets.ndim > 2:
        raise ShapeError(f"y: expected an array of 1 or 2 axes, received shape {targets.shape}")
    weight = None if sample_weight is None else as_array(sample_weight, "sample_weight")
    return _matrix(X), targets, weight

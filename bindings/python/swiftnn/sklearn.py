# ruff: noqa: N803 -- scikit-learn calls rows X
"""Estimators for scikit-learn: they work in pipelines, searches and cross-validation.

>>> from sklearn.datasets import load_iris
>>> from sklearn.model_selection import cross_val_score
>>> from swiftnn.sklearn import SwiftNNClassifier
>>> scores = cross_val_score(SwiftNNClassifier(random_state=0), *load_iris(return_X_y=True))

Needs scikit-learn 1.6 or later (``pip install swiftnn[sklearn]``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import callbacks, layers, losses, optimizers, regularizers
from ._model import Model, Sequential
from .errors import ArgumentError
from .layers import Input

try:
    # It has no types.
    from sklearn.base import (  # type: ignore[import-untyped]
        BaseEstimator,
        ClassifierMixin,
        RegressorMixin,
    )
    from sklearn.model_selection import train_test_split  # type: ignore[import-untyped]
    from sklearn.utils import check_random_state  # type: ignore[import-untyped]
    from sklearn.utils.multiclass import (  # type: ignore[import-untyped]
        check_classification_targets,
    )
    from sklearn.utils.validation import (  # type: ignore[import-untyped]
        _check_sample_weight,
        check_is_fitted,
        validate_data,
    )
except ImportError as error:  # pragma: no cover
    raise ImportError(
        "swiftnn.sklearn needs scikit-learn 1.6 or later: pip install swiftnn[sklearn]"
    ) from error

__all__ = ["SwiftNNClassifier", "SwiftNNRegressor"]

Array = NDArray[Any]

#: Iterations of L-BFGS between two looks at the tolerance.
_ITERATIONS = 20


class _Estimator(BaseEstimator):  # type: ignore[misc]
    """What both estimators share: a network of dense layers, or one that the user builds."""

    model_: Model | Sequential | None

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        solver: str | dict[str, Any] | optimizers.Optimizer = "lbfgs",
        alpha: float = 1e-4,
        batch_size: int | str = "auto",
        max_iter: int = 200,
        tol: float = 1e-5,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        build_model: Callable[[int, int], Model | Sequential] | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.build_model = build_model
        self.random_state = random_state
        self.verbose = verbose

    # ------------------------------------------------------------------ training

    def _check_parameters(self) -> None:
        rows: list[tuple[str, Any, type, bool]] = [
            ("alpha", self.alpha, Real, True),
            ("max_iter", self.max_iter, Integral, False),
            ("tol", self.tol, Real, True),
            ("n_iter_no_change", self.n_iter_no_change, Integral, False),
        ]
        if self.batch_size != "auto":
            rows.append(("batch_size", self.batch_size, Integral, False))
        for name, value, kind, may_be_zero in rows:
            is_right = isinstance(value, kind) and not isinstance(value, bool)
            if not is_right or not (value >= 0 if may_be_zero else value > 0):
                least = "of at least 0" if may_be_zero else "above 0"
                noun = "an integer" if kind is Integral else "a number"
                raise ArgumentError(f"{name}: expected {noun} {least}, received {value!r}")
        if not isinstance(self.early_stopping, (bool, np.bool_)):
            raise ArgumentError(
                f"early_stopping: expected True or False, received {self.early_stopping!r}"
            )
        share = self.validation_fraction
        if not isinstance(share, Real) or not 0 < share < 1:
            raise ArgumentError(
                f"validation_fraction: expected a number between 0 and 1, received {share!r}"
            )
        if not isinstance(self.solver, (str, dict, optimizers.Optimizer)):
            raise ArgumentError(
                "solver: expected 'lbfgs', or an optimizer's name, a dict or an object of "
                f"swiftnn.optimizers, received {self.solver!r}"
            )
        if self.build_model is not None and not callable(self.build_model):
            raise ArgumentError(f"build_model: expected a function, received {self.build_model!r}")

    @property
    def _is_full_batch(self) -> bool:
        return isinstance(self.solver, str) and self.solver == "lbfgs"

    def _sizes(self) -> list[int]:
        sizes: Any = self.hidden_layer_sizes
        found = [sizes] if isinstance(sizes, Integral) or not np.iterable(sizes) else list(sizes)
        if not all(isinstance(size, Integral) and int(size) > 0 for size in found):
            raise ArgumentError(
                f"hidden_layer_sizes: expected integers above 0, received {sizes!r}"
            )
        return [int(size) for size in found]

    def _make_model(
        self, features: int, outputs: int, penalty: float, seed: int
    ) -> Model | Sequential:
        if self.build_model is not None:
            made: Any = self.build_model(features, outputs)
            if not isinstance(made, (Model, Sequential)):
                raise ArgumentError(
                    "build_model: expected a function that returns a Model or a Sequential, "
                    f"received {made!r} of it"
                )
            return made
        regularizer = regularizers.L2(penalty) if penalty > 0 else None
        model = Sequential([Input(shape=(features,))], seed=seed)
        for size in self._sizes():
            model.add(
                layers.Dense(size, activation=self.activation, kernel_regularizer=regularizer)
            )
        model.add(layers.Dense(outputs, kernel_regularizer=regularizer))
        return model

    def _train(self, x: Array, y: Array, weight: Array | None, outputs: int, loss: Any) -> None:
        """Fit `model_` to float32 rows and targets."""
        self._check_parameters()
        if self._is_full_batch:
            x, y, weight = _merged(x, y, weight)
        total = len(x) if weight is None else float(weight.sum())
        if not total > 0:
            raise ArgumentError("sample_weight: expected a sum above 0")
        if weight is not None:
            # Of mean 1, so that the loss is the weighted mean.
            weight = (weight * (len(weight) / total)).astype(np.float32)
            if np.all(weight == 1):
                weight = None
        # As MLPClassifier has it: alpha / 2 of each weight's square, over the number of samples.
        random = check_random_state(self.random_state)
        seed = int(random.randint(np.iinfo(np.int32).max))
        model = self._make_model(x.shape[1], outputs, 0.5 * self.alpha / total, seed)
        if self._is_full_batch:
            self._train_at_once(model, x, y, weight, loss)
        else:
            self._train_in_batches(model, x, y, weight, loss, random)
        self.model_ = model

    def _train_at_once(
        self, model: Model | Sequential, x: Array, y: Array, weight: Array | None, loss: Any
    ) -> None:
        step = min(_ITERATIONS, self.max_iter)
        model.compile(
            optimizer=optimizers.LBFGS(
                max_iter=step, history_size=10, line_search_fn="strong_wolfe"
            ),
            loss=loss,
        )
        self.loss_curve_: list[float] = []
        self.n_iter_ = 0
        while self.n_iter_ < self.max_iter:
            found: Any = model.train_on_batch(x, y, sample_weight=weight)
            self.loss_curve_.append(float(np.ravel(found)[0]))
            self.n_iter_ = min(self.n_iter_ + step, self.max_iter)
            if self.verbose:
                print(f"Iteration {self.n_iter_}, loss before it {self.loss_curve_[-1]:.8f}")
            if len(self.loss_curve_) > 1:
                before, here = self.loss_curve_[-2:]
                if before - here <= self.tol * max(1.0, abs(before)):
                    break
        self.loss_ = self.loss_curve_[-1]

    def _train_in_batches(
        self, model: Model | Sequential, x: Array, y: Array, weight: Array | None, loss: Any,
        random: Any,
    ) -> None:  # fmt: skip
        solver = self.solver
        if isinstance(solver, optimizers.Optimizer):
            # Its own, so that the parameter stays as it was given.
            solver = solver.copy()
        model.compile(optimizer=solver, loss=loss)
        validation = None
        if self.early_stopping:
            x, y, weight, validation = self._split(x, y, weight, random)
        size = min(200, len(x)) if self.batch_size == "auto" else int(self.batch_size)
        stop = callbacks.EarlyStopping(
            monitor="val_loss" if self.early_stopping else "loss",
            min_delta=self.tol,
            patience=self.n_iter_no_change,
            restore_best_weights=self.early_stopping,
        )
        history = model.fit(
            x,
            y,
            sample_weight=weight,
            batch_size=size,
            epochs=self.max_iter,
            verbose=self.verbose,
            validation_data=validation,
            callbacks=[stop],
        )
        self.loss_curve_ = [float(value) for value in history.history["loss"]]
        self.loss_ = self.loss_curve_[-1]
        self.n_iter_ = len(self.loss_curve_)

    def _split(
        self, x: Array, y: Array, weight: Array | None, random: Any
    ) -> tuple[Array, Array, Array | None, tuple[Array, ...]]:
        """What trains, and what decides when to end: random rows, of each class its share."""
        try:
            parts = train_test_split(
                *(part for part in (x, y, weight) if part is not None),
                test_size=self.validation_fraction,
                random_state=random,
                stratify=y if isinstance(self, ClassifierMixin) else None,
            )
        except ValueError as error:  # too few samples
            raise ArgumentError(
                f"validation_fraction {self.validation_fraction} of {len(x)} samples: {error}"
            ) from None
        weights = parts[4] if weight is not None else None
        return parts[0], parts[2], weights, tuple(parts[1::2])

    def _weight(self, sample_weight: Any, x: Array) -> Array | None:
        if sample_weight is None:
            return None
        return np.asarray(
            _check_sample_weight(sample_weight, x, dtype=np.float64, ensure_non_negative=True)
        )

    def _raw(self, x: Any) -> Array:
        """The network's outputs for these rows."""
        check_is_fitted(self)
        rows = validate_data(self, x, reset=False, dtype=np.float32, order="C")
        assert self.model_ is not None
        return np.asarray(self.model_.predict(rows, batch_size=256, verbose=0), dtype=np.float64)


class SwiftNNClassifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    """A classifier: a network of dense layers, trained on the cross-entropy.

    By default it minimizes the loss over all samples at once with L-BFGS. Then equal rows count as
    one with the sum of their weights, so that a weight of 2 is the same as the row twice.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        Units of each hidden layer.
    activation : str
        Of the hidden layers.
    solver : str, dict or Optimizer
        ``"lbfgs"``, or what `Model.compile` takes as ``optimizer``: then in mini-batches.
    alpha : float
        L2 penalty, at least 0: ``alpha / 2`` of the sum of squared weights, over the samples.
    batch_size : int or 'auto'
        Of mini-batches; ``'auto'`` is 200 or all samples.
    max_iter : int
        The most iterations of L-BFGS, or epochs.
    tol : float
        It ends where the loss falls by less: of 20 iterations, or of ``n_iter_no_change`` epochs.
    early_stopping : bool
        In mini-batches: ``validation_fraction`` of the samples, drawn at random and of each class
        alike, decide when to end instead of training, and the best weights are kept.
    validation_fraction : float
        Between 0 and 1.
    n_iter_no_change : int
        Epochs without a better loss, after which it ends.
    build_model : callable, optional
        ``build_model(n_features, n_outputs)`` makes the network instead; its last layer must have
        no activation. ``hidden_layer_sizes``, ``activation`` and ``alpha`` are then not used.
    random_state : int, RandomState or None
        What initial weights and shuffling follow from.
    verbose : int
        Whether it prints its progress.

    Attributes
    ----------
    classes_ : array
        The labels.
    model_ : Sequential or Model
        The network, whose outputs come before the softmax or, of two classes, the sigmoid.
    loss_, loss_curve_, n_iter_ : float, list, int
        The last loss, the losses on the way, and how many iterations there were.
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> SwiftNNClassifier:
        """Train on rows X of labels y."""
        x, y = validate_data(self, X, y, dtype=np.float32, order="C")
        check_classification_targets(y)
        weight = self._weight(sample_weight, x)
        used = y if weight is None else y[weight > 0]
        self.classes_ = np.unique(used)
        if len(self.classes_) == 0:
            raise ArgumentError("sample_weight: expected a weight above 0")
        if weight is not None:
            x, y, weight = x[weight > 0], used, weight[weight > 0]
        labels = np.searchsorted(self.classes_, y)
        if len(self.classes_) < 2:
            # One class is always right.
            self._check_parameters()
            self.n_iter_, self.loss_, self.loss_curve_ = 1, 0.0, [0.0]
            self.model_ = None
        elif len(self.classes_) == 2:
            loss: Any = losses.BinaryCrossentropy(from_logits=True)
            self._train(x, labels[:, None].astype(np.float32), weight, 1, loss)
        else:
            loss = losses.SparseCategoricalCrossentropy(from_logits=True)
            self._train(x, labels.astype(np.int64)[:, None], weight, len(self.classes_), loss)
        return self

    def predict_proba(self, X: Any) -> Array:
        """Each class's probability, [rows, classes]."""
        check_is_fitted(self)
        if self.model_ is None:
            rows = validate_data(self, X, reset=False, dtype=np.float32)
            return np.ones((len(rows), 1))
        raw = self._raw(X)
        if raw.shape[1] == 1:
            raw = np.hstack([np.zeros_like(raw), raw])
        powers = np.exp(raw - raw.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def predict_log_proba(self, X: Any) -> Array:
        """Logarithms of `predict_proba`."""
        return np.asarray(np.log(self.predict_proba(X)))

    def predict(self, X: Any) -> Array:
        """The most probable label of each row."""
        check_is_fitted(self)
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


class SwiftNNRegressor(RegressorMixin, _Estimator):  # type: ignore[misc]
    """A regressor: a network of dense layers, trained on the mean squared error.

    The parameters are those of `SwiftNNClassifier`; y may have several columns.

    Attributes
    ----------
    model_ : Sequential or Model
        The network.
    loss_, loss_curve_, n_iter_ : float, list, int
        The last loss, the losses on the way, and how many iterations there were.
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> SwiftNNRegressor:
        """Train on rows X of values y, [rows] or [rows, outputs]."""
        x, y = validate_data(
            self, X, y, dtype=np.float32, order="C", multi_output=True, y_numeric=True
        )
        weight = self._weight(sample_weight, x)
        self._is_flat = y.ndim == 1
        targets = np.asarray(y, dtype=np.float32).reshape(len(x), -1)
        if not np.isfinite(targets).all():
            raise ArgumentError("y: expected values in the range of float32")
        if weight is not None:
            x, targets, weight = x[weight > 0], targets[weight > 0], weight[weight > 0]
            if len(x) == 0:
                raise ArgumentError("sample_weight: expected a weight above 0")
        self._train(x, targets, weight, targets.shape[1], losses.MeanSquaredError())
        return self

    def predict(self, X: Any) -> Array:
        """The value, or values, of each row."""
        raw = self._raw(X)
        return raw[:, 0] if self._is_flat else raw


def _merged(x: Array, y: Array, weight: Array | None) -> tuple[Array, Array, Array | None]:
    """Sorted rows without the double ones, which weigh as much as they did together."""
    joined = np.hstack([x.astype(np.float64), y.astype(np.float64)])
    _, first, place = np.unique(joined, axis=0, return_index=True, return_inverse=True)
    merged = np.bincount(place.ravel(), weights=weight, minlength=len(first))
    return x[first], y[first], merged.astype(np.float64)

"""Losses: Keras's classes. Their names, such as ``"mean_squared_error"``, serve as well.

A loss can be called by itself, ``Huber()(y_true, y_pred)``, and gives its gradient; and one can be
written in Python: see `Loss`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from . import _lib
from ._alone import samples
from ._configured import Configured, Remembering, accepted

__all__ = [
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
]


@dataclass(eq=False)
class Loss(Remembering, Configured):
    """What training makes small.

    For a loss of your own, derive from this class and write `call` and `gradient`; or give
    ``compile(loss=...)`` a function of ``(y_true, y_pred)`` that returns both, ``(values,
    gradient)``. Its derivatives are compared with finite differences before they are first used;
    ``gradient_is_derivative = False`` in a class leaves that out. Files hold the arguments of such
    a class, unless it has a ``get_config`` of its own; `load_model` needs it among
    ``custom_objects``.

    Parameters
    ----------
    reduction : str
        ``"sum_over_batch_size"`` divides by the number of values, ``"mean_with_sample_weight"``
        by the sum of the weights, ``"sum"`` by nothing.
    name : str, optional
        Without effect, as the class decides.
    """

    reduction: str = field(default="sum_over_batch_size", kw_only=True)
    name: str | None = field(default=None, kw_only=True)

    gradient_is_derivative: ClassVar[bool] = True

    def get_config(self) -> dict[str, Any]:
        """All options, as JSON; of a class of your own, the arguments of ``__init__``."""
        config = super().get_config()
        if type(self).call is not Loss.call and type(self).get_config is Loss.get_config:
            config |= self._arguments_besides(config)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a loss of its configuration."""
        if cls.call is Loss.call:
            return super().from_config(config)
        return cls(**accepted(cls, config, frozenset({"gradient_is_derivative", "name", "fn"})))

    def call(self, y_true: npt.NDArray[Any], y_pred: npt.NDArray[Any]) -> npt.ArrayLike:
        """Of a loss of your own: a value for each sample."""
        raise NotImplementedError

    def __call__(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> float:
        """The loss of a batch.

        Parameters
        ----------
        y_true, y_pred : array_like
            Targets and predictions; the first axis is the batch.
        sample_weight : array_like, optional
            One number a sample.
        """
        return self._compute(y_true, y_pred, sample_weight)[0]

    def gradient(
        self,
        y_true: npt.ArrayLike,
        y_pred: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
    ) -> npt.NDArray[np.float32]:
        """The gradient of the loss of a batch with respect to ``y_pred``, in its shape.

        Of a loss of your own that overrides this: of each sample's value, without weights.
        """
        return self._compute(y_true, y_pred, sample_weight)[1].reshape(np.shape(y_pred))

    def _compute(
        self, y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: Any
    ) -> tuple[float, npt.NDArray[np.float32]]:
        from ._host_losses import HostLosses

        arrays = samples(y_true, y_pred, sample_weight)
        host = HostLosses()
        options = {"loss": host.named(self, [arrays[1].shape[1:]])}
        with host:
            loss, gradient = _lib.call(
                "snn_loss_compute",
                options,
                *arrays,
                capacity=arrays[1].size,
            )
        return loss, gradient


@dataclass(eq=False)
class MeanSquaredError(Loss):
    """``mean((y_true - y_pred) ** 2)``."""


@dataclass(eq=False)
class MeanAbsoluteError(Loss):
    """``mean(abs(y_true - y_pred))``."""


@dataclass(eq=False)
class MeanAbsolutePercentageError(Loss):
    """``100 * mean(abs((y_true - y_pred) / max(abs(y_true), 1e-7)))``."""


@dataclass(eq=False)
class MeanSquaredLogarithmicError(Loss):
    """``mean((log(max(y_true, 1e-7) + 1) - log(max(y_pred, 1e-7) + 1)) ** 2)``."""


@dataclass(eq=False)
class Huber(Loss):
    """Half the squared error where the error is at most ``delta``, a line beyond.

    Parameters
    ----------
    delta : float
        Where the line begins; greater than 0.
    """

    delta: float = 1.0


@dataclass(eq=False)
class LogCosh(Loss):
    """``mean(log(cosh(y_pred - y_true)))``."""


@dataclass(eq=False)
class Hinge(Loss):
    """``mean(max(1 - y_true * y_pred, 0))``; labels 0 and 1 stand for -1 and 1."""


@dataclass(eq=False)
class SquaredHinge(Loss):
    """``mean(max(1 - y_true * y_pred, 0) ** 2)``; labels 0 and 1 stand for -1 and 1."""


@dataclass(eq=False)
class CategoricalHinge(Loss):
    """``max(neg - pos + 1, 0)``: ``neg`` the largest wrong prediction, ``pos`` the right one."""


@dataclass(eq=False)
class KLDivergence(Loss):
    """``sum(y_true * log(y_true / y_pred))``."""


@dataclass(eq=False)
class Poisson(Loss):
    """``mean(y_pred - y_true * log(y_pred))``."""


@dataclass(eq=False)
class CosineSimilarity(Loss):
    """Minus the cosine of the angle between label and prediction.

    Parameters
    ----------
    axis : int
        -1: vectors lie along the last axis.
    """

    axis: int = -1


@dataclass(eq=False)
class BinaryCrossentropy(Loss):
    """Cross-entropy of labels 0 and 1.

    Parameters
    ----------
    from_logits : bool
        Whether the predictions come before the sigmoid.
    label_smoothing : float
        How far the labels move to 1/2, from 0 to 1.
    """

    from_logits: bool = False
    label_smoothing: float = 0.0


@dataclass(eq=False)
class CategoricalCrossentropy(Loss):
    """Cross-entropy of one-hot labels.

    Parameters
    ----------
    from_logits : bool
        Whether the predictions come before the softmax.
    label_smoothing : float
        How far the labels move to the even distribution, from 0 to 1.
    """

    from_logits: bool = False
    label_smoothing: float = 0.0


@dataclass(eq=False)
class SparseCategoricalCrossentropy(Loss):
    """Cross-entropy of labels that are class numbers.

    Parameters
    ----------
    from_logits : bool
        Whether the predictions come before the softmax.
    ignore_class : int, optional
        The label whose places count nothing.
    """

    from_logits: bool = False
    ignore_class: int | None = None


@dataclass(eq=False)
class BinaryFocalCrossentropy(Loss):
    """Cross-entropy of labels 0 and 1 that counts easy ones less.

    Parameters
    ----------
    apply_class_balancing : bool
        Whether label 1 counts ``alpha`` and label 0 ``1 - alpha``.
    alpha, gamma : float
        The balance, and the power of ``1 - p`` that a right probability p counts.
    from_logits : bool
        Whether the predictions come before the sigmoid.
    label_smoothing : float
        How far the labels move to 1/2, from 0 to 1.
    """

    apply_class_balancing: bool = False
    alpha: float = 0.25
    gamma: float = 2.0
    from_logits: bool = False
    label_smoothing: float = 0.0


@dataclass(eq=False)
class CategoricalFocalCrossentropy(Loss):
    """Cross-entropy of one-hot labels that counts easy ones less.

    Parameters
    ----------
    alpha, gamma : float
        A factor, and the power of ``1 - p`` that a right probability p counts.
    from_logits : bool
        Whether the predictions come before the softmax.
    label_smoothing : float
        How far the labels move to the even distribution, from 0 to 1.
    """

    alpha: float = 0.25
    gamma: float = 2.0
    from_logits: bool = False
    label_smoothing: float = 0.0


@dataclass(eq=False)
class Dice(Loss):
    """``1 - 2 * sum(y_true * y_pred) / (sum(y_true) + sum(y_pred))``.

    Parameters
    ----------
    axis : int or sequence of int, optional
        What is summed over, the batch being axis 0; without it everything is.
    """

    axis: int | Sequence[int] | None = None


@dataclass(eq=False)
class Tversky(Loss):
    """`Dice` with weights for the two kinds of mistakes.

    Parameters
    ----------
    alpha, beta : float
        What labels without prediction count, and predictions without label.
    axis : int or sequence of int, optional
        What is summed over, the batch being axis 0; without it everything is.
    """

    alpha: float = 0.5
    beta: float = 0.5
    axis: int | Sequence[int] | None = None


@dataclass(eq=False)
class Circle(Loss):
    """The circle loss of embeddings of unit length; labels are class numbers.

    Parameters
    ----------
    gamma, margin : float
        The scale, and how far apart classes are to be.
    remove_diagonal : bool
        Whether a sample is left out of its own class.
    """

    gamma: float = 80.0
    margin: float = 0.4
    remove_diagonal: bool = True

"""Optimizers: Keras's classes and defaults. Their names serve as well."""

from __future__ import annotations

from typing import Any

from . import _lib
from .errors import ArgumentError

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]


class Optimizer:
    """What changes the weights in a training step.

    Parameters
    ----------
    class_name : str
        The Keras class; the library refuses one that it does not know.
    **config
        Its options.
    """

    def __init__(self, class_name: str, **config: Any) -> None:
        self.class_name = class_name
        self._config = {key: value for key, value in config.items() if value is not None}
        self._trainer: _lib.Handle | None = None

    @property
    def learning_rate(self) -> float:
        """The learning rate; setting it holds from the next step on, and at once if compiled."""
        if self._trainer is not None:
            rate: float = _lib.call("snn_trainer_get_learning_rate", self._trainer)
            return rate
        return float(self._config["learning_rate"])

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if self._trainer is not None:
            _lib.call("snn_trainer_set_learning_rate", self._trainer, float(rate))
        self._config["learning_rate"] = float(rate)

    def get_config(self) -> dict[str, Any]:
        """The options, with the learning rate as it is now."""
        # Before there is a trainer, what was given: the library says what is wrong with it.
        rate = {} if self._trainer is None else {"learning_rate": self.learning_rate}
        return {**self._config, **rate}

    def serialize(self) -> dict[str, Any]:
        """``{"class_name": ..., "config": ...}``."""
        return {"class_name": self.class_name, "config": self.get_config()}

    def bind(self, trainer: _lib.Handle) -> None:
        """Speak for the optimizer of a trainer from here on."""
        self._trainer = trainer

    def copy(self) -> Optimizer:
        """The same options, of no model."""
        return Optimizer(self.class_name, **self.get_config())

    def __repr__(self) -> str:
        options = ", ".join(f"{key}={value!r}" for key, value in self._config.items())
        return f"{self.class_name}({options})"


class SGD(Optimizer):
    """Gradient descent, with momentum where wanted.

    Parameters
    ----------
    learning_rate : float
        How far a step goes.
    momentum : float
        What remains of the last step.
    nesterov : bool
        Whether the momentum looks ahead.
    weight_decay : float, optional
        Before each step ``w * weight_decay * learning_rate`` is taken from the weights.
    clipnorm : float, optional
        The most that the Euclidean norm of each variable's gradient may be; larger ones are
        scaled. At most one of the three limits may be given; 0 is none.
    clipvalue : float, optional
        The most that each number of the gradients may be, in magnitude.
    global_clipnorm : float, optional
        The most that the norm of all gradients together may be.
    **options
        Further options of the library's.
    """

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            "SGD",
            learning_rate=learning_rate,
            momentum=momentum,
            nesterov=nesterov,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            **options,
        )


class Adam(Optimizer):
    """Steps scaled by running moments of the gradient.

    Parameters
    ----------
    learning_rate : float
        How far a step goes.
    beta_1, beta_2 : float
        What remains of the first and second moment in a step.
    epsilon : float
        Added to the root of the second moment.
    amsgrad : bool
        Whether the largest second moment so far is taken.
    weight_decay, clipnorm, clipvalue, global_clipnorm : float, optional
        As in `SGD`.
    **options
        Further options of the library's.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            "Adam",
            learning_rate=learning_rate,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            amsgrad=amsgrad,
            weight_decay=weight_decay,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            **options,
        )


class AdamW(Optimizer):
    """`Adam` with weight decay.

    Parameters
    ----------
    learning_rate : float
        How far a step goes.
    weight_decay : float
        As in `SGD`.
    beta_1, beta_2, epsilon, amsgrad
        As in `Adam`.
    clipnorm, clipvalue, global_clipnorm : float, optional
        As in `SGD`.
    **options
        Further options of the library's.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        **options: Any,
    ) -> None:
        if weight_decay is None:
            raise ArgumentError("AdamW: weight_decay must be a number, received None")
        super().__init__(
            "AdamW",
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            amsgrad=amsgrad,
            clipnorm=clipnorm,
            clipvalue=clipvalue,
            global_clipnorm=global_clipnorm,
            **options,
        )


def get(identifier: str | dict[str, Any] | Optimizer) -> Optimizer:
    """An optimizer of its name, of ``{"class_name": ..., "config": ...}``, or as it is."""
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        return Optimizer(identifier["class_name"], **identifier.get("config", {}))
    known: dict[str, type[SGD] | type[Adam] | type[AdamW]]
    known = {"sgd": SGD, "adam": Adam, "adamw": AdamW}
    maker = known.get(identifier.lower())
    return maker() if maker else Optimizer(identifier)

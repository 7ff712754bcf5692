"""Optimizers: Keras's classes and defaults. Their names serve as well."""

from __future__ import annotations

from typing import Any

from . import _lib

__all__ = ["SGD", "Adam", "Optimizer"]


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
    **options
        Further options of the library's.
    """

    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(
            "SGD", learning_rate=learning_rate, momentum=momentum, nesterov=nesterov, **options
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
    **options
        Further options of the library's.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Any,
    ) -> None:
        super().__init__(
            "Adam",
            learning_rate=learning_rate,
            beta_1=beta_1,
            beta_2=beta_2,
            epsilon=epsilon,
            **options,
        )


def get(identifier: str | dict[str, Any] | Optimizer) -> Optimizer:
    """An optimizer of its name, of ``{"class_name": ..., "config": ...}``, or as it is."""
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        return Optimizer(identifier["class_name"], **identifier.get("config", {}))
    known: dict[str, type[SGD] | type[Adam]] = {"sgd": SGD, "adam": Adam}
    maker = known.get(identifier.lower())
    return maker() if maker else Optimizer(identifier)

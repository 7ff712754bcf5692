"""What all optimizers have."""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .. import _lib
from .._configured import Configured
from .._data import checked_number
from ..errors import ArgumentError, StateError
from . import schedules

if TYPE_CHECKING:
    from .._compiled import CompiledModel

_Self = TypeVar("_Self", bound="Optimizer")


class Optimizer:
    """What changes the weights in a training step, of one model.

    Parameters
    ----------
    class_name : str
        The Keras class; the library refuses one that it does not know.
    learning_rate : float or LearningRateSchedule
        How far a step goes.
    weight_decay : float, optional
        Before each step ``w * weight_decay * learning_rate`` is taken from the weights.
    clipnorm : float, optional
        The most that the Euclidean norm of each variable's gradient may be; larger ones are
        scaled. At most one of the three limits may be given; 0 is none.
    clipvalue : float, optional
        The most that each number of the gradients may be, in magnitude.
    global_clipnorm : float, optional
        The most that the norm of all gradients together may be.
    use_ema : bool
        Whether an exponential moving average of the weights is kept; the weights become it at the
        end of `fit`.
    ema_momentum : float
        What remains of the average in a step.
    ema_overwrite_frequency : int, optional
        After how many steps the weights become their average.
    loss_scale_factor : float, optional
        Keras's; refused, as numbers are float32.
    gradient_accumulation_steps : int, optional
        Of how many batches a step takes the mean gradient, at least 2.
    name : str, optional
        Keras's; without effect.
    learning_rate_factors : dict of str to float, optional
        What the learning rate of a layer is multiplied by; 0 leaves the layer as it is.
    exclude_from_weight_decay : list of str, optional
        See the method of this name.
    **config
        The options of the class.
    """

    def __init__(self, class_name: str, **config: Any) -> None:
        self.class_name = class_name
        self._config = {
            key: value
            for key, value in config.items()
            if value is not None or key in self._none_means_something
        }
        self._trainer: _lib.Handle | None = None
        self._model: weakref.ref[CompiledModel] | None = None

    # Options for which null is not the same as none given, in some class.
    _none_means_something: Sequence[str] = ("weight_decay", "adam_weight_decay", "rms_rate")

    @classmethod
    def from_config(cls: type[_Self], config: Mapping[str, Any]) -> _Self:
        """Make an optimizer of Keras's configuration."""
        arguments = dict(config)
        if isinstance(arguments.get("learning_rate"), Mapping):
            arguments["learning_rate"] = schedules.deserialize(arguments["learning_rate"])
        return cls(**arguments)

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the next step; setting it holds from there on, and at once if
        compiled. Before it is compiled a schedule is given as it is.
        """
        if self._trainer is not None:
            return _lib.call("snn_trainer_get_learning_rate", self._trainer)
        rate = self._config["learning_rate"]
        if isinstance(rate, Mapping):
            return schedules.deserialize(rate)
        return rate if isinstance(rate, schedules.LearningRateSchedule) else float(rate)

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        if isinstance(rate, schedules.LearningRateSchedule):
            if self._trainer is not None:
                raise StateError("a schedule cannot be set while a model trains: compile it anew")
            self._config["learning_rate"] = rate
            return
        rate = checked_number(rate, "learning_rate")
        if self._trainer is not None:
            _lib.call("snn_trainer_set_learning_rate", self._trainer, rate)
        self._config["learning_rate"] = rate

    def exclude_from_weight_decay(
        self, var_list: Sequence[Any] | None = None, var_names: Sequence[str] | None = None
    ) -> None:
        """Let variables not decay; before the model is compiled with it.

        Parameters
        ----------
        var_list : list of str, optional
            Whole names, ``"<layer>/<variable>"``, or Keras's variables.
        var_names : list of str, optional
            Parts of variables' own names: ``["bias"]`` stands for all biases.
        """
        if self._trainer is not None:
            raise StateError(
                "exclude_from_weight_decay() must be called before the model is compiled"
            )
        paths = [str(getattr(variable, "path", variable)) for variable in var_list or []]
        for path in paths:
            if "/" not in path:
                raise ArgumentError(f"var_list: expected '<layer>/<variable>', received {path!r}")
        self._config["exclude_from_weight_decay"] = [*paths, *(var_names or [])]

    def get_config(self) -> dict[str, Any]:
        """The options, with the learning rate as it is now, or its schedule."""
        config = {
            key: value.serialize() if isinstance(value, Configured) else value
            for key, value in self._config.items()
        }
        # Before there is a trainer, what was given: the library says what is wrong with it.
        if self._trainer is not None and not isinstance(config.get("learning_rate"), Mapping):
            config["learning_rate"] = self.learning_rate
        return config

    def serialize(self) -> dict[str, Any]:
        """``{"class_name": ..., "config": ...}``."""
        return {"class_name": self.class_name, "config": self.get_config()}

    def claim(self, model: CompiledModel) -> None:
        """Belong to a model, as long as it is compiled with this.

        Raises
        ------
        ArgumentError
            It belongs to another one: it has one learning rate, and they would have two.
        """
        other = None if self._model is None else self._model()
        if other is not None and other is not model and other.optimizer is self:
            raise ArgumentError(
                f"optimizer: expected one of this model's own, received the {self.class_name} of "
                f"{other!r}; give this model its copy()"
            )
        self._model = weakref.ref(model)

    def bind(self, trainer: _lib.Handle) -> None:
        """Speak for the optimizer of a trainer from here on."""
        self._trainer = trainer

    def copy(self) -> Optimizer:
        """The same options, of no model."""
        return Optimizer(self.class_name, **self.get_config())

    def __repr__(self) -> str:
        options = ", ".join(f"{key}={value!r}" for key, value in self._config.items())
        return f"{self.class_name}({options})"


def given(made: type[Optimizer], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a class's ``__init__`` as options: without those where None is the default
    and was given, and without the average where there is none.
    """
    parameters = inspect.signature(made).parameters
    options = {
        key: arguments[key]
        for key, parameter in parameters.items()
        if key != "options" and (arguments[key] is not None or parameter.default is not None)
    }
    if options.get("use_ema") is False:
        del options["use_ema"]
        if options["ema_momentum"] == parameters["ema_momentum"].default:
            del options["ema_momentum"]
    return {**options, **arguments["options"]}

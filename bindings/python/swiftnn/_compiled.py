"""What `compile` sets up: the library's trainer, and data in the form that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _lib, optimizers
from ._base import Signature
from ._configured import as_json
from ._data import Array, as_arrays, as_sample_weight, is_list_of_arrays
from ._dataset import Dataset
from ._host_losses import HostLosses
from ._kept import KeptStep
from ._prediction import PredictingModel
from .errors import ArgumentError, BusyError, StateError
from .metrics import Metric


class CompiledModel(PredictingModel):
    """A model that predicts and has a trainer.

    Attributes
    ----------
    optimizer : Optimizer or None
        What `compile` was given; its ``learning_rate`` is that of the training.
    """

    def __init__(self) -> None:
        super().__init__()
        self.optimizer: optimizers.Optimizer | None = None
        self._training_options: dict[str, Any] | None = None
        self._trainer: _lib.Handle | None = None
        # The functions that the trainer calls.
        self._host_losses = HostLosses()
        self._kept_steps: list[KeptStep] = []
        # Of each fit that is under way the library's callbacks in it.
        self._fits: list[list[str]] = []
        # One for each number that is reported: that of a metric of several comes as often.
        self._metric_names: list[str] = []
        self._reports_arrays = False
        # What `_outputs_with_targets` found, and of what signature and options.
        self._targeted: tuple[Signature, dict[str, Any] | None, list[int]] | None = None

    def compile(
        self,
        optimizer: str | dict[str, Any] | optimizers.Optimizer = "adam",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        *,
        threads: int = 0,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Say how the model is trained.

        Parameters
        ----------
        optimizer : str, dict or Optimizer
            What changes the weights; an object serves one model.
        loss : str, dict, Loss or function; or a list or dict by output name of them
            What training makes small. A function of ``(y_true, y_pred)`` returns a value for each
            sample and their gradient, ``(values, gradient)``; see `losses.Loss`.
        loss_weights : list or dict by output name, optional
            The weight of each output's loss.
        metrics : list, or a list or dict by output name of lists, optional
            What is reported beside the loss.
        weighted_metrics : the same, optional
            What is reported with the samples counting by their weights.
        threads : int
            How many threads the training may use; 0 is the process's number.
        run_eagerly, steps_per_execution, jit_compile, auto_scale_loss
            Keras's, without effect: nothing is traced or compiled, and numbers are float32.
        """
        self._check_no_fit("compile()")
        options = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "threads": threads,
        }
        taken = optimizers.get(optimizer)
        taken.claim(self)
        self.optimizer = taken
        self._training_options = {key: value for key, value in options.items() if value is not None}
        self._trainer = None
        self._kept_steps.clear()
        if self._model is not None:
            self._make_trainer()

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called, or a file brought it along."""
        return self._training_options is not None

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in its order."""
        self._make_trainer()
        return list(dict.fromkeys(self._metric_names))

    # ------------------------------------------------------------------ the trainer

    def _make_trainer(self) -> _lib.Handle:
        """The trainer; made here where `compile` came before the model knew its shapes."""
        if self._training_options is None or self.optimizer is None:
            raise StateError("this model was not compiled: call compile() first")
        if self._trainer is None:
            host = HostLosses()
            options = {"optimizer": self.optimizer.serialize(), **self._by_output(host)}
            with host:
                self._adopt_trainer(_lib.call("snn_trainer_create", self._handle, options))
            self._host_losses = host
        assert self._trainer is not None
        return self._trainer

    def _check_no_fit(self, what: str) -> None:
        """Refuse what would take the trainer from a fit that is under way."""
        if self._fits:
            raise BusyError(
                f"{what}: expected a model at rest, received one in a fit, which goes on with "
                "what it began with; stop it with stop_training = True, and call this after it"
            )

    def _adopt_trainer(self, trainer: _lib.Handle) -> None:
        self._trainer = trainer
        self._metric_names = _metric_names(trainer)
        self._reports_arrays = len(set(self._metric_names)) < len(self._metric_names)
        if self.optimizer is not None:
            self.optimizer.claim(self)
            self.optimizer.bind(trainer)

    def _by_output(self, host: HostLosses | None = None) -> dict[str, Any]:
        """The options of `compile` as the library takes them: in the order of the outputs."""
        host = host or HostLosses()
        names = self._signature.output_names
        options = dict(self._training_options or {})
        for key in ("loss", "loss_weights", "metrics", "weighted_metrics"):
            value = options.get(key)
            if isinstance(value, Mapping) and "class_name" not in value:
                unknown = [name for name in value if name not in names]
                if unknown:
                    raise ArgumentError(f"{key}: no output {unknown[0]!r}; there are {names}")
                options[key] = [value.get(name) for name in names]
        for key in ("metrics", "weighted_metrics"):
            if key in options:
                options[key] = _named(options[key])
        if "loss" in options:
            options["loss"] = host.named(options["loss"], self._signature.output_shapes)
        return {key: _checked_json(value, key) for key, value in options.items()}

    # ------------------------------------------------------------------ data

    def _targets(self, y: Any) -> list[Array]:
        if y is None:
            return []
        names, shapes = self._signature.output_names, self._signature.output_shapes
        kept = self._outputs_with_targets()
        if isinstance(y, Mapping):
            unknown = [name for name in y if name not in names]
            if unknown:
                raise ArgumentError(f"y: no output {unknown[0]!r}; there are {names}")
            y = {name: y[name] for index, name in enumerate(names) if index in kept and name in y}
        elif is_list_of_arrays(y) and len(y) == len(names):
            y = [y[index] for index in kept]
        arrays = as_arrays(y, [names[index] for index in kept], "y")
        return [
            array.reshape(-1, 1) if array.ndim == 1 and shapes[index] == (1,) else array
            for index, array in zip(kept, arrays)
        ]

    def _outputs_with_targets(self) -> list[int]:
        """The positions of the outputs with a loss; others have no targets, though some may be
        given.
        """
        signature, options = self._signature, self._training_options
        cached = self._targeted
        if cached is None or cached[0] is not signature or cached[1] is not options:
            losses = self._by_output().get("loss")
            kept = [
                index
                for index in range(len(signature.output_names))
                if not isinstance(losses, list) or losses[index] is not None
            ]
            self._targeted = cached = (signature, options, kept)
        return cached[2]

    def _batch(
        self, x: Any, y: Any, sample_weight: Any, class_weight: Mapping[int, float] | None
    ) -> tuple[list[Array], list[Array], Array | None]:
        inputs = self._checked_inputs(x)
        targets = self._targets(y)
        return inputs, targets, as_sample_weight(sample_weight, class_weight, targets)

    def _dataset(
        self, x: Any, y: Any, sample_weight: Any, class_weight: Mapping[int, float] | None
    ) -> Dataset:
        if isinstance(x, Dataset):
            if y is not None or sample_weight is not None or class_weight is not None:
                raise ArgumentError("a Dataset brings its targets and weights along")
            self._build_for(x)
            return x
        return Dataset.from_arrays(*self._batch(x, y, sample_weight, class_weight))

    def _validation(self, data: Any) -> Dataset:
        if isinstance(data, Dataset):
            return data
        if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
            raise ArgumentError(
                "validation_data: expected (x, y), (x, y, sample_weight) or a Dataset"
            )
        return self._dataset(data[0], data[1], data[2] if len(data) == 3 else None, None)


def _metric_names(trainer: _lib.Handle) -> list[str]:
    names: list[str] = []
    while True:
        try:
            names.append(_lib.call("snn_trainer_get_metric_name", trainer, len(names)))
        except ArgumentError:  # an index past the last
            return names


def _checked_json(value: Any, key: str) -> Any:
    try:
        return as_json(value)
    except TypeError as error:
        raise ArgumentError(f"{key}: {error}") from None


def _named(metrics: Any) -> Any:
    if isinstance(metrics, type) and issubclass(metrics, Metric):
        try:
            metrics = metrics()
        except TypeError as error:  # one that does not go without arguments
            raise ArgumentError(
                f"metrics: expected an object, received the class {metrics.__name__}: {error}"
            ) from None
    if isinstance(metrics, Metric):
        return metrics.serialize() if metrics.options() else metrics.name
    if isinstance(metrics, (list, tuple)):
        return [_named(metric) for metric in metrics]
    return metrics

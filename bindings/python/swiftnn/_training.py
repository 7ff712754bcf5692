"""Training and evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _lib, optimizers
from ._configured import as_json
from ._data import Array, as_arrays, as_sample_weight, is_list_of_arrays
from ._dataset import Dataset
from ._fit import FitLoop
from ._prediction import PredictingModel
from ._progress import ProgressLine
from .callbacks import Callback, CallbackList, History
from .errors import ArgumentError, StateError
from .metrics import Metric

Values = float | list[float] | dict[str, float]


class TrainableModel(PredictingModel):
    """A model that predicts and learns.

    Attributes
    ----------
    optimizer : Optimizer or None
        What `compile` was given; its ``learning_rate`` is that of the training.
    history : History or None
        That of the last `fit`, also of one that was interrupted.
    stop_training : bool
        Set by a callback, it ends the training after the batch or epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.optimizer: optimizers.Optimizer | None = None
        self.history: History | None = None
        self.stop_training = False
        self._training_options: dict[str, Any] | None = None
        self._trainer: _lib.Handle | None = None
        self._metric_names: list[str] = []

    def compile(
        self,
        optimizer: str | dict[str, Any] | optimizers.Optimizer = "adam",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        *,
        threads: int = 0,
    ) -> None:
        """Say how the model is trained.

        Parameters
        ----------
        optimizer : str, dict or Optimizer
            What changes the weights.
        loss : str, dict or Loss; or a list or dict by output name of them
            What training makes small.
        loss_weights : list or dict by output name, optional
            The weight of each output's loss.
        metrics : list, or a list or dict by output name of lists, optional
            What is reported beside the loss.
        threads : int
            How many threads the training may use; 0 is the process's number.
        """
        options = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "threads": threads,
        }
        self.optimizer = optimizers.get(optimizer)
        self._training_options = {key: value for key, value in options.items() if value is not None}
        self._trainer = None
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
        return list(self._metric_names)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Callback | Sequence[Callback] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        validation_batch_size: int | None = None,
        *,
        resume: bool = False,
    ) -> History:
        """Train in mini-batches.

        Ctrl-C ends the training after the batch with `KeyboardInterrupt`; the model keeps what
        it learned, and ``model.history`` the epochs that were finished.

        Parameters
        ----------
        x, y : array_like, list of arrays, dict by name; or x a Dataset
            The samples and targets. They may not change during the call.
        batch_size : int, optional
            Samples of a step; 32 if not given.
        epochs : int
            The epoch at which to end.
        verbose : int or str
            1 or ``"auto"``: a line an epoch that updates in place on a terminal. 2: a plain line
            an epoch. 0: nothing.
        callbacks : Callback or list of Callback, optional
            What is told, and may stop the training.
        validation_split : float
            This last share of the data validates instead of training.
        validation_data : tuple (x, y), tuple (x, y, sample_weight) or Dataset, optional
            Data to validate with.
        shuffle : bool
            Whether each epoch has an order of its own.
        class_weight : dict of int to float, optional
            The weight of each class.
        sample_weight : array_like, optional
            The weight of each sample.
        initial_epoch : int
            The epoch to begin with.
        validation_batch_size : int, optional
            As `batch_size`, to validate.
        resume : bool
            Go on where the training of a loaded file stands, in the middle of an epoch too,
            with the same data and options as before.

        Returns
        -------
        History
            The values of each epoch.
        """
        dataset = self._dataset(x, y, sample_weight, class_weight)
        validation = None if validation_data is None else self._validation(validation_data)
        trainer = self._make_trainer()
        options: dict[str, Any] = {"batch_size": batch_size or 32, "shuffle": bool(shuffle)}
        if validation_split:
            options["validation_split"] = float(validation_split)
        if validation_batch_size:
            options["validation_batch_size"] = validation_batch_size
        first = _lib.call("snn_trainer_get_position", trainer)[0] if resume else initial_epoch
        level = _level(verbose)
        self.history = History()
        given = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or [])
        told = CallbackList([*given, self.history], self, {"epochs": epochs, "verbose": level})
        loop = FitLoop(self, trainer, dataset, validation, options, told, ProgressLine(level))
        loop.run(first, epochs, resume)
        return self.history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> Values:
        """The loss and metrics on data.

        Parameters
        ----------
        x, y, sample_weight
            As in `fit`.
        batch_size : int, optional
            Samples that are computed at once; 32 if not given.
        verbose : int or str
            0 prints nothing.
        return_dict : bool
            Whether to return names with the values.

        Returns
        -------
        float, list of float, or dict of str to float
            The loss alone, or the values in the order of `metrics_names`.
        """
        dataset = self._dataset(x, y, sample_weight, None)
        trainer = self._make_trainer()
        line = ProgressLine(_level(verbose))
        line.begin("Evaluate")
        values = _lib.call(
            "snn_trainer_evaluate",
            trainer,
            dataset.handle,
            {"batch_size": batch_size or 32},
            capacity=len(self._metric_names),
        )
        line.end(dict(zip(self._metric_names, values)))
        return self._values(values, return_dict)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Values:
        """One training step on one batch; its values before the step, as `evaluate` does."""
        inputs, targets, weight = self._batch(x, y, sample_weight, class_weight)
        values = _lib.call(
            "snn_trainer_train_on_batch",
            self._make_trainer(),
            inputs,
            targets,
            weight,
            capacity=len(self._metric_names),
        )
        return self._values(values, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Values:
        """The loss and metrics on one batch."""
        inputs, targets, weight = self._batch(x, y, sample_weight, None)
        dataset = Dataset.from_arrays(inputs, targets, weight)
        size = max(len(inputs[0]), 1)
        return self.evaluate(dataset, batch_size=size, verbose=0, return_dict=return_dict)

    # ------------------------------------------------------------------ gradients

    def gradients(
        self, x: Any, y: Any, sample_weight: Any = None
    ) -> dict[str, NDArray[np.float32]]:
        """The gradient of the loss on one batch, in training mode, by the variables' names."""
        self._compute_gradients(x, y, sample_weight)
        return {
            variable.name: _lib.call(
                "snn_trainer_get_gradient", self._trainer, variable.name, capacity=variable.size
            ).reshape(variable.shape)
            for variable in self.variables
            if variable.trainable
        }

    def input_gradient(
        self, x: Any, y: Any, sample_weight: Any = None
    ) -> NDArray[np.float32] | list[NDArray[np.float32]]:
        """The gradient of the loss with respect to the input; a list where there are several."""
        inputs = self._compute_gradients(x, y, sample_weight)
        gradients = [
            _lib.call(
                "snn_trainer_get_input_gradient", self._trainer, index, capacity=array.size
            ).reshape(array.shape)
            for index, array in enumerate(inputs)
        ]
        return gradients[0] if len(gradients) == 1 else gradients

    def _compute_gradients(self, x: Any, y: Any, sample_weight: Any) -> list[Array]:
        inputs, targets, weight = self._batch(x, y, sample_weight, None)
        _lib.call("snn_trainer_compute_gradients", self._make_trainer(), inputs, targets, weight)
        return inputs

    # ------------------------------------------------------------------ within

    def _make_trainer(self) -> _lib.Handle:
        """The trainer; made here where `compile` came before the model knew its shapes."""
        if self._training_options is None or self.optimizer is None:
            raise StateError("this model was not compiled: call compile() first")
        if self._trainer is None:
            options = {"optimizer": self.optimizer.serialize(), **self._by_output()}
            self._adopt_trainer(_lib.call("snn_trainer_create", self._handle, options))
        assert self._trainer is not None
        return self._trainer

    def _adopt_trainer(self, trainer: _lib.Handle) -> None:
        self._trainer = trainer
        self._metric_names = _metric_names(trainer)
        if self.optimizer is not None:
            self.optimizer.bind(trainer)

    def _by_output(self) -> dict[str, Any]:
        """The options of `compile` as the library takes them: in the order of the outputs."""
        names = self._signature.output_names
        options = dict(self._training_options or {})
        for key in ("loss", "loss_weights", "metrics"):
            value = options.get(key)
            if isinstance(value, Mapping) and "class_name" not in value:
                unknown = [name for name in value if name not in names]
                if unknown:
                    raise ArgumentError(f"{key}: no output {unknown[0]!r}; there are {names}")
                options[key] = [value.get(name) for name in names]
        if "metrics" in options:
            options["metrics"] = _named(options["metrics"])
        return {key: as_json(value) for key, value in options.items()}

    def _targets(self, y: Any) -> list[Array]:
        if y is None:
            return []
        names, shapes = self._signature.output_names, self._signature.output_shapes
        losses = self._by_output().get("loss")
        # An output without a loss has no targets, though they may be given.
        kept = [
            index
            for index in range(len(names))
            if not isinstance(losses, list) or losses[index] is not None
        ]
        if isinstance(y, Mapping):
            y = {name: y[name] for index, name in enumerate(names) if index in kept and name in y}
        elif is_list_of_arrays(y) and len(y) == len(names):
            y = [y[index] for index in kept]
        arrays = as_arrays(y, [names[index] for index in kept], "y")
        return [
            array.reshape(-1, 1) if array.ndim == 1 and shapes[index] == (1,) else array
            for index, array in zip(kept, arrays)
        ]

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

    def _values(self, values: list[float], return_dict: bool) -> Values:
        if return_dict:
            return dict(zip(self._metric_names, values))
        return values[0] if len(values) == 1 else values


def _level(verbose: int | str) -> int:
    if verbose == "auto":
        return 1
    if verbose not in (0, 1, 2):
        raise ArgumentError(f"verbose: expected 0, 1, 2 or 'auto', received {verbose!r}")
    return int(verbose)


def _metric_names(trainer: _lib.Handle) -> list[str]:
    names: list[str] = []
    while True:
        try:
            names.append(_lib.call("snn_trainer_get_metric_name", trainer, len(names)))
        except ArgumentError:  # an index past the last
            return names


def _named(metrics: Any) -> Any:
    if isinstance(metrics, Metric):
        return metrics.serialize() if metrics.options() else metrics.name
    if isinstance(metrics, (list, tuple)):
        return [_named(metric) for metric in metrics]
    return metrics

"""Training and evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _dropped, _lib, _weights
from ._budget import Budget
from ._compiled import CompiledModel
from ._data import (
    Array,
    checked_batch_size,
    checked_class_weight,
    checked_epochs,
    checked_number,
    is_ready,
)
from ._dataset import Dataset
from ._diagnosis import Diagnosis
from ._fit import FitLoop
from ._interrupt import InterruptFlag
from ._kept import KeptStep
from ._progress import ProgressLine
from .callbacks import Callback, CallbackList, History
from .errors import ArgumentError, BusyError

Values = float | list[Any] | dict[str, Any]


class TrainableModel(CompiledModel):
    """A model that predicts and learns.

    Attributes
    ----------
    history : History or None
        That of the last `fit`, also of one that was interrupted.
    stop_training : bool
        Set by a callback, it ends the training after the batch or epoch.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: History | None = None
        self.stop_training = False

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
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
        *,
        mixup: float | None = None,
        max_steps: int | None = None,
        max_seconds: float | None = None,
        resume: bool = False,
    ) -> History:
        """Train in mini-batches.

        Ctrl-C ends the training after the batch with `KeyboardInterrupt`; the model keeps what
        it learned, and ``model.history`` the epochs that were finished. A callback may call this
        between epochs, unless the fit that it is in has callbacks of the library.

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
            The weight of each class, times the samples' own.
        sample_weight : array_like, optional
            The weight of each sample.
        initial_epoch : int
            The epoch to begin with.
        steps_per_epoch
            Keras's; must be None: an epoch is all data. See `max_steps`.
        validation_steps : int, optional
            The first so many batches validate, not all.
        validation_batch_size : int, optional
            As `batch_size`, to validate.
        validation_freq : int
            After every so many epochs there is a validation.
        mixup : float, optional
            The alpha of mixup (Zhang et al. 2018): samples of a batch and their targets, which
            must not be class numbers, are mixed in pairs.
        max_steps, max_seconds : int, float, optional
            The call returns when it has done so many steps or taken so long, and a step (or a
            batch of validation) at least; ``history.paused`` is True then, and a call with
            ``resume=True`` goes on, to the same weights as without the pause.
        resume : bool
            Go on where the training stands, that of a loaded file too, in the middle of an epoch
            too, with the same data, options and callbacks as before.

        Returns
        -------
        History
            The values of each epoch.
        """
        epochs = checked_epochs(epochs, "epochs")
        initial_epoch = checked_epochs(initial_epoch, "initial_epoch")
        dataset = self._dataset(x, y, sample_weight, None)
        validation = None if validation_data is None else self._validation(validation_data)
        trainer = self._make_trainer()
        options: dict[str, Any] = {
            "batch_size": checked_batch_size(batch_size),
            "shuffle": bool(shuffle),
        }
        share = checked_number(validation_split or 0, "validation_split")
        if share != 0:
            options["validation_split"] = share
        by_class = checked_class_weight(class_weight)
        given: dict[str, Any] = {
            "class_weight": None if by_class is None else {str(k): w for k, w in by_class.items()},
            "mixup": mixup,
            "steps_per_epoch": steps_per_epoch,
            "validation_batch_size": validation_batch_size,
            "validation_freq": None if validation_freq == 1 else validation_freq,
            "validation_steps": validation_steps,
        }
        options |= {key: value for key, value in given.items() if value is not None}
        budget = Budget(trainer, max_steps, max_seconds)
        first = _lib.call("snn_trainer_get_position", trainer)[0] if resume else initial_epoch
        level = _level(verbose)
        history = History()
        own = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or [])
        told = CallbackList([*own, history], self, {"epochs": epochs, "verbose": level})
        line = ProgressLine(level)
        loop = FitLoop(
            self, trainer, dataset, validation, options, told, line, budget, self._host_losses
        )
        with self._fitting(told, history):
            # Between its calls too: an object that is freed there may be where a signal is heard.
            with _dropped.watch:
                history.paused = not loop.run(first, epochs, resume)
            _dropped.check()
        if not history.paused:
            loop.end()
        self.history = history
        return history

    @contextmanager
    def _fitting(self, callbacks: CallbackList, history: History) -> Iterator[None]:
        """While a fit is under way.

        Raises
        ------
        BusyError
            One is under way already, whose callbacks would begin anew after this one.
        """
        around = [name for names in self._fits for name in names]
        if around:
            raise BusyError(
                f"fit: expected a model at rest, received one in a fit with {', '.join(around)}, "
                "which cannot go on after another fit; train_on_batch() and evaluate() may be "
                "called there"
            )
        self._fits.append([each["class_name"] for each in callbacks.core])
        self.history = history
        try:
            yield
        finally:
            # A callback may have called fit, too.
            self.history = history
            self._fits.pop()

    def fit_last_layer(
        self,
        x: Any = None,
        y: Any = None,
        sample_weight: Any = None,
        *,
        alpha: float | Sequence[float] = 0.0,
        rcond: float | None = None,
        scale_columns: bool = True,
        batch_size: int | None = None,
    ) -> bool:
        """Set the weights of the last layer to those of least squares over frozen features.

        The features are what the layers before it give in prediction; their weights stay. The
        last layer must be a `Dense` without an activation. The model need not be compiled.

        Parameters
        ----------
        x, y, sample_weight
            As in `fit`. The targets have the shape of the model's output.
        alpha : float or sequence of float
            The penalty of ridge regression, one for all outputs or one for each.
        rcond, scale_columns
            As in `swiftnn.linalg.LinearRegression`.
        batch_size : int, optional
            Samples that go through the model at once; 256 if not given.

        Returns
        -------
        bool
            Whether the features leave the weights open: they are then those of least norm.
        """
        dataset = self._dataset(x, y, sample_weight, None)
        status = _lib.call(
            "snn_model_fit_last_layer",
            self._handle,
            dataset.handle,
            {
                "alpha": np.asarray(alpha, np.float64).tolist(),
                "rcond": rcond,
                "scale_columns": bool(scale_columns),
                "batch_size": 256 if batch_size is None else checked_batch_size(batch_size),
            },
        )
        return bool(status == _lib.header().constants["SNN_RANK_DEFICIENT"])

    def find_learning_rate(
        self,
        x: Any = None,
        y: Any = None,
        start: float = 1e-7,
        end: float = 10.0,
        steps: int = 100,
        batch_size: int | None = None,
        *,
        smoothing: float = 0.98,
        stop_factor: float = 4.0,
        shuffle: bool = True,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
    ) -> dict[str, Any]:
        """Train for some steps at learning rates from small to large and see where the loss falls.

        The model and its optimizer are then as they were before. Ctrl-C ends it after a step.

        Parameters
        ----------
        x, y, sample_weight, class_weight, batch_size, shuffle
            As in `fit`.
        start, end : float
            The first and the last rate; between them each is the same multiple of the one before.
        steps : int
            How many there are.
        smoothing : float
            What remains of the mean loss in a step.
        stop_factor : float
            It ends when the smoothed loss is as many times the least so far.

        Returns
        -------
        dict
            ``rates``, ``losses`` and ``smoothed``: a number for each step; ``suggestion``: the rate
            at which the smoothed loss fell the fastest, or None.
        """
        dataset = self._dataset(x, y, sample_weight, class_weight)
        options = {
            "start": checked_number(start, "start"),
            "end": checked_number(end, "end"),
            "steps": steps,
            "batch_size": checked_batch_size(batch_size),
            "smoothing": checked_number(smoothing, "smoothing"),
            "stop_factor": checked_number(stop_factor, "stop_factor"),
            "shuffle": bool(shuffle),
        }
        trainer = self._make_trainer()
        hooks = _lib.Hooks(on_batch_end=lambda progress: int(interrupt.is_set))
        with InterruptFlag() as interrupt:
            text = _lib.find_learning_rate(trainer, dataset.handle, options, hooks)
        found: dict[str, Any] = json.loads(text)
        return found

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        return_dict: bool = False,
    ) -> Values:
        """The loss and metrics on data. Ctrl-C ends it after a batch.

        Parameters
        ----------
        x, y, sample_weight
            As in `fit`.
        batch_size : int, optional
            Samples that are computed at once; 32 if not given.
        verbose : int or str
            0 prints nothing.
        steps : int, optional
            The first so many batches, not all.
        return_dict : bool
            Whether to return names with the values.

        Returns
        -------
        float, list of float, or dict of str to float
            The loss alone, or the values in the order of `metrics_names`; of a metric of several
            numbers, one for each class or threshold, an array.
        """
        dataset = self._dataset(x, y, sample_weight, None)
        trainer = self._make_trainer()
        line = ProgressLine(_level(verbose))
        line.begin("Evaluate")

        def on_test_batch_end(progress: _lib.Progress) -> int:
            if line.is_due():
                line.update(progress.batch + 1, progress.batches, progress.logs())
            return int(interrupt.is_set)

        options = {"batch_size": checked_batch_size(batch_size)}
        if steps is not None:
            options["steps"] = steps
        hooks = _lib.Hooks(on_test_batch_end=on_test_batch_end)
        count = len(self._metric_names)
        try:
            with InterruptFlag() as interrupt:
                values = _lib.evaluate(trainer, dataset.handle, options, hooks, count)
        finally:
            line.abandon()
        line.end(_lib.named(self._metric_names, values))
        return self._values(values, return_dict)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Values:
        """One training step on one batch; its values before the step, as `evaluate` does.

        The same two arrays again and again are quickest; numpy may refuse to resize them then.
        """
        step = None
        if sample_weight is None and class_weight is None:
            step = self._take_step(x, y)
        if step is None:
            return self._values(self._step(x, y, sample_weight, class_weight), return_dict)
        status = step.run()
        values: list[float] = step.values[:]
        self._kept_steps.append(step)
        if status < 0:
            _lib.check(status)
        return self._values(values, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Values:
        """The loss and metrics on one batch."""
        inputs, targets, weight = self._batch(x, y, sample_weight, None)
        dataset = Dataset.from_arrays(inputs, targets, weight)
        size = max(len(inputs[0]), 1)
        return self.evaluate(dataset, batch_size=size, verbose=0, return_dict=return_dict)

    def _take_step(self, x: Any, y: Any) -> KeptStep | None:
        """The last step, if it was on these arrays. No other thread runs it meanwhile: it is in
        no list.
        """
        try:
            step = self._kept_steps.pop()
        except IndexError:
            return None
        is_same = step.trainer is self._trainer and step.x.is_as_before(x)
        return step if is_same and step.y.is_as_before(y) else None

    def _step(
        self, x: Any, y: Any, sample_weight: Any, class_weight: Mapping[int, float] | None
    ) -> list[float]:
        """A training step, prepared for another one on the same arrays."""
        inputs, targets, weight = self._batch(x, y, sample_weight, class_weight)
        trainer, count = self._make_trainer(), len(self._metric_names)
        values: list[float]
        if weight is None and is_ready(x) and is_ready(y):
            step = KeptStep.of(trainer, x, y, inputs, targets, count)
            _lib.check(step.run())
            values = step.values[:]
            if not self._kept_steps:
                self._kept_steps.append(step)
        else:
            run, results = _lib.bind_train_on_batch(trainer, inputs, targets, weight, count)
            _lib.check(run())
            values = results[:]
        return values

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

    def check_gradients(
        self, x: Any, y: Any, sample_weight: Any = None, numbers: int = 20
    ) -> dict[str, dict[str, float]]:
        """Compare the gradients of the loss on one batch with central differences of the loss.

        Parameters
        ----------
        x, y, sample_weight
            The batch.
        numbers : int
            How many numbers of each weight and each input are compared at most.

        Returns
        -------
        dict
            For each trained weight, and each input as ``"input 'name'"``: ``error``, the largest
            difference relative to the tensor's largest gradient (1e-3 is sound, 1 is wrong),
            ``index``, ``gradient`` and ``expected``, where it is and both values there,
            ``compared``, how many numbers were, ``kinks``, how many were not because the loss has
            a kink beside them, and ``nonzero``, how many of the compared have a slope: with none,
            nothing was shown.
        """
        inputs, targets, weight = self._batch(x, y, sample_weight, None)
        text = _lib.call(
            "snn_trainer_check_gradients",
            self._make_trainer(),
            inputs,
            targets,
            weight,
            {"numbers": numbers},
            # Else the check would run twice, to tell the length first.
            capacity=1024 * (2 + len(inputs) + len(self.variables)),
        )
        found: dict[str, dict[str, float]] = json.loads(text)
        return found

    def diagnose(self, x: Any, y: Any, sample_weight: Any = None) -> Diagnosis:
        """What each layer does with a batch: gradients and updates against the weights, dead
        units, saturation, and what to try. Nothing of the model changes.

        Parameters
        ----------
        x, y, sample_weight
            One batch; some hundred samples tell more of dead units than a few.

        Returns
        -------
        Diagnosis
            ``print`` it for a table, ``plot`` it to a PNG file.
        """
        inputs, targets, weight = self._batch(x, y, sample_weight, None)
        trainer = self._make_trainer()
        # Room for any report, so that the work is done once.
        room = 4096 + 2048 * len(_weights.describe(self._handle)["layers"])
        text = _lib.call(
            "snn_trainer_diagnostics", trainer, inputs, targets, weight, None, capacity=room
        )
        return Diagnosis(json.loads(text))

    def _compute_gradients(self, x: Any, y: Any, sample_weight: Any) -> list[Array]:
        inputs, targets, weight = self._batch(x, y, sample_weight, None)
        _lib.call("snn_trainer_compute_gradients", self._make_trainer(), inputs, targets, weight)
        return inputs

    def _values(self, values: list[float], return_dict: bool) -> Values:
        if return_dict:
            return _lib.named(self._metric_names, values)
        if self._reports_arrays:
            return list(_lib.named(self._metric_names, values).values())
        return values[0] if len(values) == 1 else values


def _level(verbose: int | str) -> int:
    if verbose == "auto":
        return 1
    if verbose not in (0, 1, 2):
        raise ArgumentError(f"verbose: expected 0, 1, 2 or 'auto', received {verbose!r}")
    return int(verbose)

"""Callbacks: what a training tells, and where it is told to stop.

`EarlyStopping`, `ReduceLROnPlateau`, `ModelCheckpoint`, `BackupAndRestore`, `SwapEMAWeights`,
`TerminateOnNaN` and `CSVLogger` are the library's own, with Keras's arguments: they see an epoch's
end before callbacks written in Python do, and only the values that the training itself reports.
"""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from . import _lib
from .errors import ArgumentError

if TYPE_CHECKING:
    from ._training import TrainableModel

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "SwapEMAWeights",
    "TerminateOnNaN",
]

# A number each; of a metric of several numbers an array.
Logs = dict[str, Any] | None


BATCH_HOOKS = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")


class Callback:
    """Methods that `fit` calls; override those you need.

    In the methods of a training and of an epoch the model may be saved, read and changed. In
    those of a batch the library is in the middle of its work: they may read the weights and set
    ``self.model.stop_training``, and the rest is a `BusyError`. There are no methods for
    evaluation and prediction yet.

    Attributes
    ----------
    params : dict
        ``epochs`` and ``verbose``.
    """

    def __init__(self) -> None:
        self.params: dict[str, Any] = {}

    @property
    def model(self) -> Any:
        """The model that is trained; a callback does not keep it alive."""
        reference = self.__dict__.get("_model")
        return None if reference is None else reference()

    def set_model(self, model: TrainableModel) -> None:
        """Called with the model before the training."""
        self._model = weakref.ref(model)

    def set_params(self, params: dict[str, Any]) -> None:
        """Called with the parameters before the training."""
        self.params = params

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called before the first epoch."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Called after the last epoch, with its values."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Called before an epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Called after an epoch, with its loss and metrics, and ``val_`` ones."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before a batch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after a batch, with the means of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Another name of `on_train_batch_begin`, as in Keras."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Another name of `on_train_batch_end`, as in Keras."""


class LambdaCallback(Callback):
    """A callback made of functions.

    Parameters
    ----------
    on_train_begin, on_train_end : callable, optional
        Called with ``logs``.
    on_epoch_begin, on_epoch_end : callable, optional
        Called with ``epoch, logs``.
    on_train_batch_begin, on_train_batch_end : callable, optional
        Called with ``batch, logs``.
    """

    def __init__(
        self,
        on_epoch_begin: Callable[[int, Logs], object] | None = None,
        on_epoch_end: Callable[[int, Logs], object] | None = None,
        on_train_begin: Callable[[Logs], object] | None = None,
        on_train_end: Callable[[Logs], object] | None = None,
        on_train_batch_begin: Callable[[int, Logs], object] | None = None,
        on_train_batch_end: Callable[[int, Logs], object] | None = None,
    ) -> None:
        super().__init__()
        functions = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        self.__dict__.update({name: made for name, made in functions.items() if made is not None})


class LearningRateScheduler(Callback):
    """Sets the learning rate of each epoch, and adds it to the epoch's values.

    Parameters
    ----------
    schedule : callable
        Called with the epoch, from 0, and the learning rate; gives the new one.
    verbose : int
        1 prints it.
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Set the rate."""
        optimizer = self.model.optimizer
        try:
            rate = self.schedule(epoch, optimizer.learning_rate)
        except TypeError:  # Keras's older form, of the epoch alone
            rate = self.schedule(epoch)
        optimizer.learning_rate = float(rate)
        if self.verbose > 0:
            print(f"\nEpoch {epoch + 1}: LearningRateScheduler sets the rate to {float(rate)}.")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Report the rate."""
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.learning_rate


class CoreCallback(Callback):
    """A callback that the library has: a Keras class and its options."""

    # What the library tells of its state, and what it is before a fit.
    _attributes: ClassVar[dict[str, Any]] = {}

    def __init__(self, **config: Any) -> None:
        super().__init__()
        self._config = config
        self.__dict__.update(self._attributes)

    def note_state(self, state: dict[str, Any]) -> None:
        """Take over where the library's own object stands."""
        self.__dict__.update({name: state.get(name) for name in self._attributes})

    def serialize(self) -> dict[str, Any]:
        """``{"class_name": ..., "config": ...}``."""
        kind = next(base for base in type(self).__mro__ if base.__module__ == __name__)
        return {"class_name": kind.__name__, "config": dict(self._config)}


class EarlyStopping(CoreCallback):
    """Stops when a value has not become better for some epochs.

    Parameters
    ----------
    monitor : str
        The value; one that the training does not report is a `ConfigurationError`.
    min_delta : float
        By how much it must become better to count.
    patience : int
        For how many epochs it need not.
    verbose : int
        Above 0 writes to the log ``swiftnn``.
    mode : str
        ``"min"``, ``"max"``, or ``"auto"``: by the value's name.
    baseline : float, optional
        What the value must beat.
    restore_best_weights : bool
        Whether the training ends with the weights of its best epoch.
    start_from_epoch : int
        The first epoch that is looked at.

    Attributes
    ----------
    best : float or None
        The best value so far; of the last fit when there is none.
    best_epoch : int
        The epoch of it, from 0.
    wait : int
        The epochs since then.
    stopped_epoch : int
        The epoch at which it stopped; 0 when it did not.
    """

    _attributes: ClassVar[dict[str, Any]] = {
        "best": None, "best_epoch": 0, "wait": 0, "stopped_epoch": 0,
    }  # fmt: skip

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(
            monitor=monitor,
            min_delta=min_delta,
            patience=patience,
            verbose=verbose,
            mode=mode,
            baseline=baseline,
            restore_best_weights=restore_best_weights,
            start_from_epoch=start_from_epoch,
        )


class ReduceLROnPlateau(CoreCallback):
    """Makes the learning rate smaller when a value has not become better for some epochs.

    Parameters
    ----------
    monitor, patience, verbose, mode, min_delta
        As in `EarlyStopping`.
    factor : float
        What the rate is multiplied by.
    cooldown : int
        Epochs after that in which nothing is counted.
    min_lr : float
        The least rate.

    Attributes
    ----------
    best : float or None
        The best value so far.
    wait : int
        The epochs since then, or since the rate became smaller.
    cooldown_counter : int
        How many epochs are still not counted.
    """

    _attributes: ClassVar[dict[str, Any]] = {"best": None, "wait": 0, "cooldown_counter": 0}

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(
            monitor=monitor,
            factor=factor,
            patience=patience,
            verbose=verbose,
            mode=mode,
            min_delta=min_delta,
            cooldown=cooldown,
            min_lr=min_lr,
        )


class ModelCheckpoint(CoreCallback):
    """Saves the model, or its weights.

    Parameters
    ----------
    filepath : str or path
        Where to; it ends in ``.h5``, or ``.weights.h5`` for weights alone, and may name values as
        in ``"model-{epoch:02d}-{val_loss:.4f}.h5"``.
    monitor, verbose, mode
        As in `EarlyStopping`.
    save_best_only : bool
        Whether to save only when the value is the best so far.
    save_weights_only : bool
        Whether to save the weights alone.
    save_freq : str or int
        ``"epoch"``, or a number of batches.
    initial_value_threshold : float, optional
        The best value at the begin.

    Attributes
    ----------
    best : float or None
        The best value so far, where only the best is saved.
    """

    _attributes: ClassVar[dict[str, Any]] = {"best": None}

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(
            filepath=os.fspath(filepath),
            monitor=monitor,
            verbose=verbose,
            save_best_only=save_best_only,
            save_weights_only=save_weights_only,
            mode=mode,
            save_freq=save_freq,
            initial_value_threshold=initial_value_threshold,
        )


class BackupAndRestore(CoreCallback):
    """Saves the whole training, so that one that was killed goes on there.

    The same program, run again, ends with the same weights as if it had never stopped, where its
    model has the same seed.

    Parameters
    ----------
    backup_dir : str or path
        The folder of the backup, ``latest.h5``.
    save_freq : str or int
        ``"epoch"``, or a number of batches.
    double_checkpoint : bool
        Keras's; must be False: a backup is replaced in one step.
    delete_checkpoint : bool
        Whether the backup goes when the training is through.
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__(
            backup_dir=os.fspath(backup_dir),
            save_freq=save_freq,
            double_checkpoint=double_checkpoint,
            delete_checkpoint=delete_checkpoint,
        )


class SwapEMAWeights(CoreCallback):
    """Validates with the averages of the weights, which an optimizer with ``use_ema`` keeps.

    Parameters
    ----------
    swap_on_epoch : bool
        Whether they also stand in the model from an epoch's end to the next one's begin, for the
        callbacks behind this one and those written in Python.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__(swap_on_epoch=swap_on_epoch)


class TerminateOnNaN(CoreCallback):
    """Ends the training, without an error, at a loss or gradient that is not finite.

    That step changes nothing; the history has a loss of NaN for its epoch.
    """

    def __init__(self) -> None:
        super().__init__()


class CSVLogger(CoreCallback):
    """Writes a row for each epoch to a text file.

    Parameters
    ----------
    filename : str or path
        The file.
    separator : str
        The character between values.
    append : bool
        Whether to go on in a file that is there.
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        super().__init__(filename=os.fspath(filename), separator=separator, append=append)


class History(Callback):
    """What `fit` returns.

    Attributes
    ----------
    paused : bool
        Whether a budget was used up before the end; ``fit(..., resume=True)`` goes on.
    history : dict of str to list of float
        The values of each epoch: ``loss``, the metrics, and ``val_`` ones. Those of a metric of
        several numbers, one for each class or threshold, are arrays.
    epoch : list of int
        The epochs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.paused = False
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Keep the values."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class CallbackList:
    """Several callbacks as one."""

    def __init__(
        self, callbacks: Sequence[Callback], model: TrainableModel, params: dict[str, Any]
    ) -> None:
        self._callbacks = list(callbacks)
        for callback in self._callbacks:
            if not hasattr(callback, "set_model"):
                raise ArgumentError(f"callbacks: expected a Callback, received {callback!r:.80}")
            callback.set_params(params)
            callback.set_model(model)
        # Those that the library runs itself.
        self._core = [each for each in self._callbacks if isinstance(each, CoreCallback)]
        self.core = [callback.serialize() for callback in self._core]
        self.listens_to_batches = any(
            hook in callback.__dict__
            or getattr(type(callback), hook, None) is not getattr(Callback, hook)
            for callback in self._callbacks
            for hook in BATCH_HOOKS
        )

    def note_states(self, trainer: _lib.Handle) -> None:
        """Tell those of the library where they stand."""
        if self._core:
            states = json.loads(_lib.call("snn_trainer_get_callbacks", trainer))
            for callback, each in zip(self._core, states):
                callback.note_state(each["state"] or {})

    def call(self, hook: str, *arguments: Any) -> None:
        """Call a method of all."""
        for callback in self._callbacks:
            getattr(callback, hook)(*arguments)

"""The loop over epochs: one call of the library for each, and Python's callbacks between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _lib
from ._budget import Budget
from ._host_losses import HostLosses
from ._interrupt import InterruptFlag
from ._progress import ProgressLine
from .callbacks import CallbackList

if TYPE_CHECKING:
    from ._dataset import Dataset
    from ._training import TrainableModel

_GO_ON, _STOP, _PAUSE = 0, 1, -1


class FitLoop:
    """The training of a model from one epoch to another.

    Shuffling follows from seed and epoch, and steps are counted on, so an epoch at a time gives
    the same weights as all in one call. In return the callbacks between epochs find the model
    at rest: they may save it and change it. The library's own callbacks run within its calls; each
    pauses after its epoch, and the last one ends what they do.
    """

    def __init__(
        self,
        model: TrainableModel,
        trainer: _lib.Handle,
        dataset: Dataset,
        validation: Dataset | None,
        options: dict[str, Any],
        callbacks: CallbackList,
        line: ProgressLine,
        budget: Budget,
        host_losses: HostLosses,
    ) -> None:
        self._model = model
        self._trainer = trainer
        self._dataset = dataset
        self._validation = validation
        self._options = options
        self._callbacks = callbacks
        self._line = line
        self._budget = budget
        self._host_losses = host_losses
        # The values of the epoch.
        self._logs: dict[str, Any] = {}
        self._has_ended = self._has_stopped = False
        if callbacks.core:
            self._options["callbacks"] = callbacks.core

    def run(self, first: int, last: int, resume: bool) -> bool:
        """Train the epochs from `first` to before `last`, or until something stops it; whether it
        got to an end, and was not paused; `end` comes after that.
        """
        self._model.stop_training = False
        logs = self._logs
        has_worked = False
        self._callbacks.call("on_train_begin")
        if self._callbacks.core:
            # A backup may say where to begin; it is read as a file is, by its losses' names.
            with self._host_losses:
                self._call(self._start(first, resume) | {"epochs": last, "max_epochs": 0})
            resume = True
            first = self._position()[0]
            if self._has_stopped:
                # It was killed between its stop and its end, which this call has made up for.
                self._model.stop_training = True
                first = last
        try:
            for epoch in range(first, last):
                if has_worked and self._budget.is_used_up:
                    return False
                goes_on = self._position()[1] > 0 if resume and epoch == first else False
                if not goes_on:
                    self._callbacks.call("on_epoch_begin", epoch)
                self._line.begin(f"Epoch {epoch + 1}/{last}")
                # The epochs are one training: averages of weights go on from one to the next.
                resumes = resume or epoch != first
                ended = self._train_epoch(epoch, last, resumes, logs)
                has_worked = True
                if not ended and not self._model.stop_training:
                    return False
                self._line.end(logs)
                self._callbacks.call("on_epoch_end", epoch, logs)
                if self._model.stop_training:
                    break
        finally:
            self._line.abandon()
        # The end is its own: callbacks of the library and averages of weights wait for it.
        if (self._callbacks.core or has_worked) and not self._has_ended:
            self._call({"resume": True, "epochs": self._position()[0]})
        return True

    def end(self) -> None:
        """Tell the callbacks that the training is through."""
        self._callbacks.call("on_train_end", self._logs)

    def _start(self, epoch: int, resume: bool) -> dict[str, Any]:
        return {"resume": True} if resume else {"initial_epoch": epoch}

    def _position(self) -> tuple[int, int, int]:
        """Epoch, batch and step."""
        position: tuple[int, int, int] = _lib.call("snn_trainer_get_position", self._trainer)
        return position

    def _train_epoch(
        self, epoch: int, last: int, resume: bool, logs: dict[str, Any]
    ) -> bool:
        """One epoch, whose values go to `logs`; whether it came to its end. Where it did not, the
        values are those so far.
        """
        model, callbacks, line = self._model, self._callbacks, self._line
        listens = callbacks.listens_to_batches
        ended = False

        def take(progress: _lib.Progress) -> None:
            logs.clear()
            logs.update(progress.logs())

        def on_batch_end(progress: _lib.Progress) -> int:
            batch, batches = progress.batch, progress.batches
            if listens:
                take(progress)
                callbacks.call("on_train_batch_end", batch, dict(logs))
            if line.is_due():
                line.update(batch + 1, batches, progress.logs())
            if interrupt.is_set or model.stop_training:
                take(progress)
                return _PAUSE if interrupt.is_set else _STOP
            if listens and batch + 1 < batches:
                callbacks.call("on_train_batch_begin", batch + 1, {})
            return _GO_ON

        def on_test_batch_end(progress: _lib.Progress) -> int:
            return _PAUSE if interrupt.is_set else _GO_ON

        def on_epoch_end(progress: _lib.Progress) -> int:
            nonlocal ended
            ended = True
            take(progress)
            if progress.stopping and (epoch + 1 < last or progress.epoch == self._position()[0]):
                model.stop_training = True
            return _GO_ON

        logs.clear()
        options = {**self._start(epoch, resume), **self._budget.options()}
        # A fit of a callback's own leaves the trainer at another epoch.
        end = self._position()[0] + last - epoch if resume else last
        if listens:
            callbacks.call("on_train_batch_begin", self._position()[1] if resume else 0, {})
        hooks = _lib.Hooks(
            on_batch_end=on_batch_end,
            on_epoch_end=on_epoch_end,
            on_test_batch_end=on_test_batch_end,
        )
        with InterruptFlag() as interrupt:
            self._call(options | {"epochs": end, "max_epochs": 1}, hooks)
        return ended

    def _call(self, options: dict[str, Any], hooks: _lib.Hooks | None = None) -> None:
        status = _lib.fit(
            self._trainer,
            self._dataset.handle,
            self._validation.handle if self._validation else None,
            {**self._options, **options},
            hooks or _lib.Hooks(),
        )
        self._callbacks.note_states(self._trainer)
        self._has_ended = status != _lib.header().constants["SNN_PAUSED"]
        self._has_stopped = status == _lib.header().constants["SNN_STOPPED"]

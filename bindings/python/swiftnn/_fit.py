"""The loop over epochs: one call of the library for each, and Python's callbacks between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _lib
from ._interrupt import InterruptFlag
from ._progress import ProgressLine
from .callbacks import CallbackList

if TYPE_CHECKING:
    from ._dataset import Dataset
    from ._training import TrainableModel


class FitLoop:
    """The training of a model from one epoch to another.

    Shuffling follows from seed and epoch, and steps are counted on, so an epoch at a time gives
    the same weights as all in one call. In return the callbacks between epochs find the model
    at rest: they may save it and change it.
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
    ) -> None:
        self._model = model
        self._trainer = trainer
        self._dataset = dataset
        self._validation = validation
        self._options = options
        self._callbacks = callbacks
        self._line = line

    def run(self, first: int, last: int, resume: bool) -> None:
        """Train the epochs from `first` to before `last`, or until something stops it."""
        self._model.stop_training = False
        logs: dict[str, float] = {}
        self._callbacks.call("on_train_begin")
        try:
            for epoch in range(first, last):
                self._callbacks.call("on_epoch_begin", epoch)
                self._line.begin(f"Epoch {epoch + 1}/{last}")
                logs = self._train_epoch(epoch, resume and epoch == first)
                self._line.end(logs)
                self._callbacks.call("on_epoch_end", epoch, logs)
                if self._model.stop_training:
                    break
        finally:
            self._line.abandon()
        self._callbacks.call("on_train_end", logs)

    def _train_epoch(self, epoch: int, resume: bool) -> dict[str, float]:
        """One epoch; its values, or those so far where it was stopped."""
        model, callbacks, line = self._model, self._callbacks, self._line
        listens = callbacks.listens_to_batches
        logs: dict[str, float] = {}

        def on_batch_end(progress: _lib.Progress) -> bool:
            nonlocal logs
            batch, batches = progress.batch, progress.batches
            if listens:
                logs = progress.logs()
                callbacks.call("on_train_batch_end", batch, dict(logs))
            if line.is_due():
                line.update(batch + 1, batches, progress.logs())
            if interrupt.is_set or model.stop_training:
                logs = progress.logs()
                return True
            if listens and batch + 1 < batches:
                callbacks.call("on_train_batch_begin", batch + 1, {})
            return False

        def on_epoch_end(progress: _lib.Progress) -> bool:
            nonlocal logs
            logs = progress.logs()
            return False

        start: dict[str, Any] = {"resume": True} if resume else {"initial_epoch": epoch}
        options = {**self._options, **start, "epochs": epoch + 1}
        if listens:
            first_batch = _lib.call("snn_trainer_get_position", self._trainer)[1] if resume else 0
            callbacks.call("on_train_batch_begin", first_batch, {})
        with InterruptFlag() as interrupt:
            _lib.fit(
                self._trainer,
                self._dataset.handle,
                self._validation.handle if self._validation else None,
                options,
                on_batch_end,
                on_epoch_end,
            )
        return logs

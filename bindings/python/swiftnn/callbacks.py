"""Callbacks: what a training tells, and where it is told to stop."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .errors import ArgumentError

if TYPE_CHECKING:
    from ._training import TrainableModel

__all__ = ["Callback", "History", "LambdaCallback"]

Logs = dict[str, float] | None


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


class History(Callback):
    """What `fit` returns.

    Attributes
    ----------
    history : dict of str to list of float
        The values of each epoch: ``loss``, the metrics, and ``val_`` ones.
    epoch : list of int
        The epochs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[float]] = {}
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
        self.listens_to_batches = any(
            hook in callback.__dict__
            or getattr(type(callback), hook, None) is not getattr(Callback, hook)
            for callback in self._callbacks
            for hook in BATCH_HOOKS
        )

    def call(self, hook: str, *arguments: Any) -> None:
        """Call a method of all."""
        for callback in self._callbacks:
            getattr(callback, hook)(*arguments)

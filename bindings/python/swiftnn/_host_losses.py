"""Losses that are written in Python, as the library calls them."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from ._configured import as_json
from ._entries import LossEntry, Shape
from .errors import ArgumentError
from .losses import Loss

# While a name stands for a function: names are the process's.
_registering = threading.RLock()
# As how many variants, at other shapes or with other options, a loss of a file is known.
_VARIANTS = 8


class HostLosses:
    """The functions of one trainer, by the names that they have in its file.

    Two functions of one name are ``name`` and ``name_1``; one function for outputs of other
    shapes, or one class with other options, is ``name`` and ``name#1``. Inside ``with`` the names
    are known to the library, so that a trainer can be made or loaded; what was made keeps calling
    them, and so must keep this object.

    Parameters
    ----------
    functions : mapping of str to function, Loss or class of Loss, optional
        Those of a file, as of ``custom_objects``; others among them are left out.
    """

    def __init__(self, functions: Mapping[str, Any] | None = None) -> None:
        self._losses: dict[str, _HostLoss] = {}
        for name, function in (functions or {}).items():
            if is_custom(function):
                self._losses[name] = _HostLoss(function)
        for name, loss in list(self._losses.items()):
            if "#" not in name:
                for number in range(1, _VARIANTS):
                    self._losses.setdefault(f"{name}#{number}", _HostLoss(loss.function))

    @property
    def functions(self) -> dict[str, Any]:
        """The functions by name."""
        return {name: loss.function for name, loss in self._losses.items()}

    def named(self, loss: Any, shapes: Sequence[Shape]) -> Any:
        """The same with names in the place of functions: of one loss, or of a list or dictionary in
        the order of the outputs, whose shapes are given without the batch.
        """
        if isinstance(loss, Mapping) and "class_name" not in loss:
            return dict(zip(loss, self.named(list(loss.values()), shapes)))
        if isinstance(loss, (list, tuple)):
            if len(loss) != len(shapes):  # the library says so
                shapes = [*shapes, *[(1,)] * len(loss)]
            return [self.named(each, [shape]) for each, shape in zip(loss, shapes)]
        if isinstance(loss, type) and issubclass(loss, Loss):
            loss = loss()
        if not is_custom(loss):
            return loss.serialize() if isinstance(loss, Loss) else loss
        names = [self._add(loss, tuple(shape)) for shape in shapes]
        options = _options(loss)
        found = [{"class_name": name, "config": options} if options else name for name in names]
        return found[0] if len(set(names)) == 1 else found

    def adopt(self, description: Any, shapes: Sequence[Shape]) -> Any:
        """Take what a trainer that was loaded says of its losses: the same with functions in the
        place of their names.
        """
        described = description if isinstance(description, list) else [description] * len(shapes)
        found = [self._adopt(each, tuple(shape)) for each, shape in zip(described, shapes)]
        return found if isinstance(description, list) else found[0]

    def _adopt(self, description: Any, shape: Shape) -> Any:
        entry = description if isinstance(description, dict) else {"class_name": description}
        loss = self._losses.get(entry["class_name"] or "")
        if loss is None:
            return description
        loss.entry.shape = shape
        if isinstance(loss.function, type):
            kind: Any = loss.function
            loss.function = kind.from_config(entry.get("config") or {})
        return loss.function

    def _add(self, function: Any, shape: Shape) -> str:
        base = getattr(function, "__name__", type(function).__name__)
        kind = function if not isinstance(function, Loss) else type(function)
        for number in itertools.count():
            name = f"{base}_{number}" if number else base
            known = self._losses.get(name)
            if known is None or known.kind is kind:
                break
        for number in itertools.count():
            variant = f"{name}#{number}" if number else name
            known = self._losses.get(variant)
            if known is None:
                known = self._losses[variant] = _HostLoss(function)
                known.entry.shape = shape
            if known.entry.shape == shape and known.is_like(function):
                return variant
        raise AssertionError

    def __enter__(self) -> None:
        _registering.acquire()
        try:
            for name, loss in self._losses.items():
                try:
                    loss.entry.register(name)
                except ArgumentError as error:
                    raise ArgumentError(
                        f"loss: the function {name!r} must be renamed: {error}"
                    ) from None
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name, loss in self._losses.items():
            # One that was not registered has no name that can be.
            with contextlib.suppress(ArgumentError):
                loss.entry.unregister(name)
        _registering.release()


class _HostLoss:
    """A function, or a class of losses of which the file says the options, and what calls it."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.entry = LossEntry(self._compute)

    @property
    def kind(self) -> Any:
        """The function or the class."""
        return type(self.function) if isinstance(self.function, Loss) else self.function

    def is_like(self, function: Any) -> bool:
        """Whether it computes the same."""
        if self.function is function:
            return True
        return isinstance(function, Loss) and isinstance(self.function, Loss) and (
            _options(function) == _options(self.function)
        )

    def _compute(self, y_true: Any, y_pred: Any, is_with_gradient: bool) -> tuple[Any, Any]:
        function = self.function
        if not isinstance(function, Loss):
            given = function(y_true, y_pred)
            if not isinstance(given, tuple) or len(given) != 2:
                raise ArgumentError(
                    f"a loss function returns (values, gradient), received {type(given).__name__}"
                )
            return given
        if type(function).gradient is Loss.gradient:
            raise ArgumentError(f"loss {type(function).__name__!r} has a call, but no gradient")
        values = function.call(y_true, y_pred)
        return values, function.gradient(y_true, y_pred) if is_with_gradient else None


def is_custom(loss: Any) -> bool:
    """Whether it is a loss that is written in Python: a function, or a `Loss` with a `call`."""
    kind = loss if isinstance(loss, type) else type(loss)
    if issubclass(kind, Loss):
        return kind.call is not Loss.call
    return callable(loss) and not isinstance(loss, type)


def _options(loss: Any) -> dict[str, Any]:
    """What the file says of it."""
    if not isinstance(loss, Loss):
        return {}
    try:
        config = {key: as_json(value) for key, value in loss.get_config().items()}
    except TypeError as error:
        raise ArgumentError(
            f"loss {type(loss).__name__!r} cannot be saved; write get_config() and from_config(): "
            f"{error}"
        ) from None
    config.pop("name", None)
    if not loss.gradient_is_derivative:
        config["gradient_is_derivative"] = False
    return config

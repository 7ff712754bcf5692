"""Descriptions: dataclasses whose fields are the configuration of a Keras class.

A layer, an initializer or a loss is a class name and options for the C library. Its Python class
only declares the options, with Keras's names and defaults; the library checks them.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

_Self = TypeVar("_Self", bound="Configured")


@dataclasses.dataclass(eq=False, repr=False)
class Configured:
    """Something with a class name and options; the base of dataclasses."""

    @property
    def class_name(self) -> str:
        """The Keras class."""
        return type(self).__name__

    def options(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON: the library has the same defaults."""
        return {
            field.name: as_json(getattr(self, field.name))
            for field in _fields(self)
            if not _is_default(field, getattr(self, field.name))
        }

    def get_config(self) -> dict[str, Any]:
        """All options, as JSON; `from_config` makes the same object of them."""
        return {field.name: as_json(getattr(self, field.name)) for field in _fields(self)}

    @classmethod
    def from_config(cls: type[_Self], config: Mapping[str, Any]) -> _Self:
        """Make an object of Keras's configuration; keys that this class has no field for, such
        as ``dtype``, are left out.
        """
        names = {field.name for field in _fields(cls)}
        return cls(**{key: value for key, value in config.items() if key in names})

    def serialize(self) -> dict[str, Any]:
        """``{"class_name": ..., "config": ...}``."""
        return {"class_name": self.class_name, "config": self.options()}


class Remembering:
    """What knows the arguments that it was made with."""

    # None where they cannot be said by name.
    _arguments: Mapping[str, Any] | None

    def __new__(cls, *arguments: Any, **options: Any) -> Any:
        made = super().__new__(cls)
        object.__setattr__(made, "_arguments", _by_name(cls, arguments, options))
        return made

    def _arguments_besides(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a class that says nothing about its options itself."""
        if self._arguments is None:
            raise TypeError(
                f"{self!r}: its arguments have no names; write get_config() and from_config()"
            )
        return {key: value for key, value in self._arguments.items() if key not in config}


def _by_name(
    kind: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> dict[str, Any] | None:
    signature = inspect.signature(kind.__init__)
    try:
        bound = signature.bind(None, *arguments, **options)
    except TypeError:  # __init__ says so
        return None
    bound.apply_defaults()
    named: dict[str, Any] = {}
    for index, (name, parameter) in enumerate(signature.parameters.items()):
        value = bound.arguments[name]
        if index == 0:  # self
            continue
        if parameter.kind is parameter.VAR_KEYWORD:
            named |= value
        elif parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            if value:
                return None
        else:
            named[name] = value
    return named


# Of Keras's descriptions, what says nothing about a class.
_OF_KERAS = {"autocast", "build_config", "dtype", "module", "registered_name"}


def accepted(kind: Any, config: Mapping[str, Any], besides: frozenset[str] = frozenset()) -> Any:
    """The configuration without Keras's own keys and others that `__init__` does not name."""
    named = inspect.signature(kind.__init__).parameters
    dropped = {key for key in _OF_KERAS | besides if key not in named}
    return {key: value for key, value in config.items() if key not in dropped}


def _fields(described: Any) -> list[dataclasses.Field[Any]]:
    """The fields that are arguments; others are an object's own affair."""
    return [field for field in dataclasses.fields(described) if field.init]


def as_json(value: Any) -> Any:
    """A value that `json` writes: tuples and arrays as lists, objects as class name and config."""
    if isinstance(value, Configured):
        return value.serialize()
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise TypeError(f"expected whole numbers from -2^63 to 2^63 - 1, received {value}")
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(
        "expected a name, a number, a list, a dictionary or an object of swiftnn, "
        f"received {value!r}"
    )


def _is_default(field: dataclasses.Field[Any], value: Any) -> bool:
    if field.default is dataclasses.MISSING:
        return False
    return value is field.default or bool(
        type(value) is type(field.default) and value == field.default
    )


def described(
    identifier: Any, base: type[_Self], names: Mapping[str, type[_Self]]
) -> _Self | None:
    """What a name or a dictionary of Keras describes, or the object itself; None for None.

    ``names`` are those of Keras; the classes' own serve too.
    """
    if identifier is None or isinstance(identifier, base):
        return identifier
    kinds = {kind.__name__: kind for kind in names.values()} | dict(names)
    entry = identifier if isinstance(identifier, Mapping) else {"class_name": identifier}
    name = entry.get("class_name")
    if not isinstance(name, str) or name not in kinds:
        raise ValueError(
            f"expected one of {', '.join(sorted(kinds))}, a dictionary of Keras or an object, "
            f"received {identifier!r}"
        )
    return kinds[name].from_config(entry.get("config") or {})

"""Descriptions: dataclasses whose fields are the configuration of a Keras class.

A layer, an initializer or a loss is a class name and options for the C library. Its Python class
only declares the options, with Keras's names and defaults; the library checks them.
"""

from __future__ import annotations

import dataclasses
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

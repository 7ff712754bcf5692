"""Optimizers: Keras's classes and defaults. Their names serve as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ArgumentError
from . import schedules
from ._base import Optimizer
from ._classes import (
    LBFGS,
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Ftrl,
    Lion,
    Muon,
    Nadam,
    RMSprop,
)

__all__ = [
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lion",
    "Muon",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "schedules",
]

_CLASSES: list[type[Optimizer]] = [
    SGD,
    RMSprop,
    Adam,
    AdamW,
    Adadelta,
    Adagrad,
    Adamax,
    Nadam,
    Ftrl,
    Lion,
    Adafactor,
    Muon,
    LBFGS,
]
_BY_NAME = {made.__name__.lower(): made for made in _CLASSES}


def get(identifier: Any) -> Optimizer:
    """An optimizer of its name, of ``{"class_name": ..., "config": ...}``, or as it is."""
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        maker: Any = _BY_NAME.get(identifier.lower())
        return maker() if maker else Optimizer(identifier)
    if isinstance(identifier, Mapping) and isinstance(identifier.get("class_name"), str):
        config = identifier.get("config", {})
        if isinstance(config, Mapping):
            return Optimizer(identifier["class_name"], **config)
    is_class = isinstance(identifier, type) and issubclass(identifier, Optimizer)
    hint = f"the class {identifier.__name__}: write {identifier.__name__}()" if is_class else ""
    raise ArgumentError(
        "optimizer: expected a name, {'class_name': ..., 'config': {...}} or an object of "
        f"swiftnn.optimizers, received {hint or repr(identifier)[:80]}"
    )

"""Optimizers: Keras's classes and defaults. Their names serve as well."""

from __future__ import annotations

from typing import Any

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


def get(identifier: str | dict[str, Any] | Optimizer) -> Optimizer:
    """An optimizer of its name, of ``{"class_name": ..., "config": ...}``, or as it is."""
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, dict):
        return Optimizer(identifier["class_name"], **identifier.get("config", {}))
    maker: Any = _BY_NAME.get(identifier.lower())
    return maker() if maker else Optimizer(identifier)

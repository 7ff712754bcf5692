"""The seeds of new models: the package's only state."""

from __future__ import annotations

import secrets
import threading

_MASK = (1 << 63) - 1

_lock = threading.Lock()
_seed: int | None = None
_models = 0


def set_random_seed(seed: int) -> None:
    """Make what follows reproducible: initial weights, dropout and shuffling.

    The first model that is made after this call has this seed, and each further one a seed that
    follows from it and from how many were made. Without a call, each model has a seed of its
    own choice, which ``model.seed`` tells.

    Parameters
    ----------
    seed : int
        From 0 to 2**63 - 1.
    """
    global _seed, _models
    if not isinstance(seed, int) or not 0 <= seed <= _MASK:
        raise ValueError(f"expected a seed from 0 to 2**63 - 1, received {seed!r}")
    with _lock:
        _seed, _models = seed, 0


def next_seed() -> int:
    """The seed of the next model."""
    global _models
    with _lock:
        if _seed is None:
            return secrets.randbits(63)
        seed = _seed if _models == 0 else _mixed(_seed, _models)
        _models += 1
        return seed


def _mixed(seed: int, count: int) -> int:
    """The count-th value of SplitMix64 (Steele, Lea and Flood 2014) from this seed, 63 bits."""
    wide = (1 << 64) - 1
    value = (seed + count * 0x9E3779B97F4A7C15) & wide
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & wide
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & wide
    return (value ^ (value >> 31)) & _MASK

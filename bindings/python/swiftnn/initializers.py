"""How weights begin: Keras's initializers. Their names and dictionaries serve as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._configured import Configured

__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
]


@dataclass
class Initializer(Configured):
    """How weights begin."""


@dataclass
class Zeros(Initializer):
    """All 0."""


@dataclass
class Ones(Initializer):
    """All 1."""


@dataclass
class Constant(Initializer):
    """All one value."""

    value: float = 0.0


@dataclass
class Identity(Initializer):
    """The identity matrix times a gain."""

    gain: float = 1.0


@dataclass
class RandomNormal(Initializer):
    """Normally distributed."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None


@dataclass
class TruncatedNormal(RandomNormal):
    """Normally distributed, drawn again beyond two standard deviations."""


@dataclass
class RandomUniform(Initializer):
    """Evenly distributed."""

    minval: float = -0.05
    maxval: float = 0.05
    seed: int | None = None


@dataclass
class STFT(Initializer):
    """The real or imaginary part of a short-time Fourier transform."""

    side: str = "real"
    window: str | None = "hann"
    scaling: str | None = "density"
    periodic: bool = False


@dataclass
class Orthogonal(Initializer):
    """A random orthogonal matrix times a gain."""

    gain: float = 1.0
    seed: int | None = None


@dataclass
class VarianceScaling(Initializer):
    """A variance that follows from the number of inputs or outputs."""

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"
    seed: int | None = None
    input_axes: Sequence[int] | None = None
    output_axes: Sequence[int] | None = None


@dataclass
class _Seeded(Initializer):
    seed: int | None = None
    input_axes: Sequence[int] | None = None
    output_axes: Sequence[int] | None = None


@dataclass
class GlorotUniform(_Seeded):
    """Even within ``sqrt(6 / (fan_in + fan_out))``."""


@dataclass
class GlorotNormal(_Seeded):
    """Truncated normal with variance ``2 / (fan_in + fan_out)``."""


@dataclass
class HeUniform(_Seeded):
    """Even within ``sqrt(6 / fan_in)``."""


@dataclass
class HeNormal(_Seeded):
    """Truncated normal with variance ``2 / fan_in``."""


@dataclass
class LecunUniform(_Seeded):
    """Even within ``sqrt(3 / fan_in)``."""


@dataclass
class LecunNormal(_Seeded):
    """Truncated normal with variance ``1 / fan_in``."""

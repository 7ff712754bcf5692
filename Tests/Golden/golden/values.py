"""Inputs: fixed pseudo-random float32 values, the same on every machine."""

import zlib

import numpy as np


class Values:
    """Draws for one case; the case's name is the seed, so that cases do not shift each other."""

    def __init__(self, name):
        self.generator = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))

    def uniform(self, *shape, low=-1.5, high=1.5):
        """Multiples of 1/1024: exact in float32 and short as text, never on a kink at 0."""
        steps = self.generator.integers(int(low * 1024), int(high * 1024), shape)
        return (steps + 0.5).astype(np.float64) / 1024

    def probabilities(self, *shape):
        """Rows over the last axis that sum to 1 in float32."""
        raw = self.generator.integers(1, 100, shape).astype(np.float64)
        return (raw / raw.sum(axis=-1, keepdims=True)).astype(np.float32)

    def integers(self, *shape, below):
        return self.generator.integers(0, below, shape).astype(np.int32)

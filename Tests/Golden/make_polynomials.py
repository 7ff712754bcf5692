#!/usr/bin/env python3
"""Derives the polynomial coefficients of VectorMath.swift: weighted minimax, then
each coefficient is rounded to float32, lowest first, and the rest is fitted again. Needs mpmath and
numpy. Prints Swift literals and the remaining error of each approximation as a power of two."""

import mpmath as mp
import numpy as np

mp.mp.dps = 40


def fit(target, weight, points, degree, fixed):
    """The coefficients after `fixed` of the polynomial p of `degree` with least maximum of
    |weight (p - target)| at the points (Lawson's algorithm: weighted least squares, the weights
    multiplied by the error until it is level)."""
    start = len(fixed)
    powers = points[:, None] ** np.arange(start, degree + 1)
    rest = target - sum(c * points**i for i, c in enumerate(fixed))
    share = np.ones(len(points))
    best, least = None, np.inf
    for _ in range(80):
        w = weight * np.sqrt(share)
        coefficients = np.linalg.lstsq(powers * w[:, None], rest * w, rcond=None)[0]
        error = np.abs(weight * (powers @ coefficients - rest))
        if error.max() < least:
            best, least = coefficients, error.max()
        share *= error
        share /= share.sum()
    return best


def derive(name, target, weight, low, high, degree):
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle - half * mp.cos(mp.pi * (i + 0.5) / 500) for i in range(500)]
    targets = np.array([float(target(x)) for x in points])
    weights = np.array([float(abs(weight(x))) for x in points])
    x = np.array([float(p) for p in points])
    fixed = []
    while len(fixed) <= degree:
        fixed.append(float(np.float32(fit(targets, weights, x, degree, fixed)[0])))
    error = np.max(weights * np.abs(sum(c * x**i for i, c in enumerate(fixed)) - targets))
    print(f"{name}: degree {degree}, error 2^{np.log2(error):.1f}")
    for i, c in enumerate(fixed):
        print(f"    {c.hex()}  // {i}")


def root(function, limit):
    """s -> function(sqrt s), with the series `limit` near 0, where the quotient cancels."""
    return lambda s: function(mp.sqrt(s)) if s > 1e-10 else limit(s)


def near(function, limit):
    return lambda x: function(x) if abs(x) > 1e-8 else limit(x)


def main():
    # exp(r) = 1 + r + r^2 q(r), relative to exp(r) - 1.
    derive(
        "exponential",
        near(lambda r: (mp.expm1(r) - r) / r**2, lambda r: mp.mpf(1) / 2 + r / 6),
        near(lambda r: r * r / mp.expm1(r), lambda r: r),
        mp.mpf("-0.347"), mp.mpf("0.347"), 5,
    )
    # log(1 + f) = f - f^2 / 2 + f^3 p(f)
    derive(
        "logarithm",
        near(lambda f: (mp.log1p(f) - f + f * f / 2) / f**3, lambda f: mp.mpf(1) / 3 - f / 4),
        near(lambda f: f**3 / mp.log1p(f), lambda f: f * f),
        mp.mpf("-0.25"), mp.mpf("0.5"), 8,
    )
    # tanh(x) = x + x s p(s), s = x^2
    derive(
        "hyperbolicTangent",
        root(lambda x: (mp.tanh(x) / x - 1) / x**2, lambda s: -mp.mpf(1) / 3 + 2 * s / 15),
        root(lambda x: x**3 / mp.tanh(x), lambda s: s),
        mp.mpf(0), mp.mpf("0.4"), 5,
    )
    # x - tanh(x) = x s p(s), s = x^2
    derive(
        "tanhShrinkNearZero",
        root(lambda x: (1 - mp.tanh(x) / x) / x**2, lambda s: mp.mpf(1) / 3 - 2 * s / 15),
        root(lambda x: x**3 / (x - mp.tanh(x)), lambda s: mp.mpf(3)), mp.mpf(0), mp.mpf("1.07"), 7,
    )
    # sin(r) = r + r s p(s), cos(r) = 1 - s / 2 + s^2 p(s), s = r^2
    derive(
        "sine",
        root(lambda x: (mp.sin(x) / x - 1) / x**2, lambda s: -mp.mpf(1) / 6 + s / 120),
        lambda s: s, mp.mpf(0), mp.mpf("0.62"), 2,
    )
    derive(
        "cosine",
        root(lambda x: (mp.cos(x) - 1 + x * x / 2) / x**4, lambda s: mp.mpf(1) / 24 - s / 720),
        root(lambda x: x**4 / mp.cos(x), lambda s: s * s), mp.mpf(0), mp.mpf("0.62"), 2,
    )
    # The normal distribution: Phi(x) = 1/2 + x p(s) near 0, relative to Phi(-|x|), and
    # Phi(-t) = exp(-t^2 / 2) p((t - 2) / (t + 2)) / (t + 2) for 1.15 <= t <= 14.4.
    derive(
        "normalCenter",
        root(lambda x: (mp.ncdf(x) - 0.5) / x, lambda s: (1 - s / 6) / mp.sqrt(2 * mp.pi)),
        lambda s: mp.sqrt(s) / mp.ncdf(-mp.sqrt(s)), mp.mpf(0), mp.mpf("1.35"), 5,
    )

    def tail(u):
        t = 2 * (1 + u) / (1 - u)
        return mp.erfc(t / mp.sqrt(2)) / 2 * mp.exp(t * t / 2) * (t + 2)

    derive("normalTail", tail, lambda u: 1 / tail(u),
           mp.mpf(1.15 - 2) / (1.15 + 2), mp.mpf(14.4 - 2) / (14.4 + 2), 8)

    # The same near 0 for gelu, and t Phi(-t) = exp(-t^2 / 2) p((t - 1.5) / (t + 1.5)) from 0.65 on.
    derive(
        "normalNearZero",
        root(lambda x: (mp.ncdf(x) - 0.5) / x, lambda s: (1 - s / 6) / mp.sqrt(2 * mp.pi)),
        lambda s: mp.sqrt(s) / mp.ncdf(-mp.sqrt(s)), mp.mpf(0), mp.mpf("0.45"), 4,
    )

    def loss(u):
        t = 1.5 * (1 + u) / (1 - u)
        return t * mp.erfc(t / mp.sqrt(2)) / 2 * mp.exp(t * t / 2)

    derive("normalLoss", loss, lambda u: 1 / loss(u),
           mp.mpf(0.65 - 1.5) / (0.65 + 1.5), mp.mpf(14.4 - 1.5) / (14.4 + 1.5), 10)


if __name__ == "__main__":
    main()

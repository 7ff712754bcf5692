#!/usr/bin/env python3
"""Makes `initializer_bits.json`: the exact floats of seeded initializers, computed a second time.

Philox4x32-10 is numpy-free Python here, the normal numbers are those of `statistics.NormalDist`,
Q comes from NumPy's QR. Written with Python 3.11 and NumPy 2.4.
"""

import json
import math
import pathlib
import statistics

import numpy as np

SEED, ORDINAL = 42, 3
NORMAL = statistics.NormalDist()
MASK = 0xFFFFFFFF
TRUNCATED = 0.87962566103423978


def philox(seed, counter):
    x0, x1, x2, x3 = counter
    key0, key1 = seed & MASK, seed >> 32
    for _ in range(10):
        p0, p1 = x0 * 0xD2511F53, x2 * 0xCD9E8D57
        x0, x1, x2, x3 = (p1 >> 32) ^ x1 ^ key0, p1 & MASK, (p0 >> 32) ^ x3 ^ key1, p0 & MASK
        key0, key1 = (key0 + 0x9E3779B9) & MASK, (key1 + 0xBB67AE85) & MASK
    return x0, x1, x2, x3


def uniform(element, seed):
    # Purpose 1 is initialization; call and step are 0.
    word = philox(seed, (element // 4, 1 << 24, ORDINAL, 0))[element % 4]
    return (word + 0.5) / 2**32


def normal(element, seed):
    return NORMAL.inv_cdf(uniform(element, seed))


def truncated(element, seed):
    low, high = NORMAL.cdf(-2), NORMAL.cdf(2)
    return NORMAL.inv_cdf(low + uniform(element, seed) * (high - low))


def orthogonal(rows, columns, seed):
    tall = (max(rows, columns), min(rows, columns))
    matrix = np.array([normal(e, seed) for e in range(rows * columns)]).reshape(tall)
    q, r = np.linalg.qr(matrix)
    q = q * np.sign(np.diag(r))
    return (q.T if rows < columns else q).reshape(-1)


def row(class_name, config, shape, value):
    seed = config.get("seed", SEED)
    values = value(seed) if class_name == "Orthogonal" else [
        value(e, seed) for e in range(math.prod(shape))
    ]
    bits = np.array(values, dtype=np.float64).astype(np.float32).view(np.uint32).tolist()
    return {"class_name": class_name, "config": config, "shape": shape, "bits": bits}


ROWS = [
    row("RandomUniform", {}, [6], lambda e, s: -0.05 + 0.1 * uniform(e, s)),
    row("RandomUniform", {"seed": 7}, [6], lambda e, s: -0.05 + 0.1 * uniform(e, s)),
    row("RandomNormal", {"mean": 1}, [6], lambda e, s: 1 + 0.05 * normal(e, s)),
    row("TruncatedNormal", {}, [6], lambda e, s: 0.05 * truncated(e, s)),
    row("GlorotUniform", {}, [2, 4], lambda e, s: math.sqrt(3 / 3) * (2 * uniform(e, s) - 1)),
    row("HeNormal", {}, [2, 4], lambda e, s: math.sqrt(2 / 2) / TRUNCATED * truncated(e, s)),
    row("Orthogonal", {}, [4, 3], lambda s: orthogonal(4, 3, s)),
    row("Orthogonal", {}, [2, 3], lambda s: orthogonal(2, 3, s)),
]
text = ",\n".join(json.dumps(row) for row in ROWS)
path = pathlib.Path(__file__).with_name("initializer_bits.json")
path.write_text(
    f'{{"seed": {SEED}, "ordinal": {ORDINAL}, "rows": [\n{text}\n]}}\n', encoding="utf-8")

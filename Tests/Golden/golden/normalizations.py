"""`normalizations.json`: as `layers.json`, for layers that normalize each sample."""

from .layers import case
from .text import document


def layer_normalization():
    variants = (
        {}, {"epsilon": 0.125}, {"center": False}, {"scale": False},
        {"center": False, "scale": False},
    )
    for config in variants:
        name = " ".join(["LayerNormalization", *(f"{k} {v}" for k, v in config.items())])
        yield case(name, "LayerNormalization", config, [4, 37])
    for axis in (-1, 3, [2, 3], [-2, -1], [-1, -2], [1, 2, 3], [-1, 2]):
        name = f"LayerNormalization rank 4 axis {axis}"
        yield case(name, "LayerNormalization", {"axis": axis}, [2, 3, 2, 5])
    for axis in (1, 2, [1], [1, 2], [3, 1], [-1, 1]):
        name = f"LayerNormalization inner axis {axis}"
        yield case(name, "LayerNormalization", {"axis": axis}, [2, 3, 2, 5])
    yield case("LayerNormalization of one number", "LayerNormalization", {}, [3, 1])
    yield case("LayerNormalization long", "LayerNormalization", {}, [2, 1100])


def group_normalization():
    for groups in (1, 2, 6, -1):
        for shape in ([3, 6], [2, 4, 6], [2, 2, 3, 6]):
            # A group of one number is all rounding, which a small epsilon makes large.
            epsilon = {"epsilon": 0.5} if len(shape) == 2 else {}
            name = f"GroupNormalization {groups} of rank {len(shape)}"
            yield case(name, "GroupNormalization", {"groups": groups, **epsilon}, shape)
    for config in ({"center": False}, {"scale": False}, {"epsilon": 0.125, "axis": 2}):
        name = " ".join(["GroupNormalization", *(f"{k} {v}" for k, v in config.items())])
        yield case(name, "GroupNormalization", {"groups": 2, **config}, [2, 5, 4])
    for shape in ([2, 4, 5], [2, 6, 3, 2]):
        name = f"GroupNormalization channels first rank {len(shape)}"
        yield case(name, "GroupNormalization", {"groups": 2, "axis": 1}, shape)
    yield case("GroupNormalization long", "GroupNormalization", {"groups": 2}, [1, 20, 15, 2])


def without_mean():
    for config in ({}, {"epsilon": 0.125}, {"axis": [1, 2]}, {"axis": [-1, -2]}):
        name = " ".join(["RMSNormalization", *(f"{k} {v}" for k, v in config.items())])
        yield case(name, "RMSNormalization", config, [3, 4, 5])
    yield case("RMSNormalization rank 2", "RMSNormalization", {}, [4, 37])
    for axis in (-1, 2, [1, 2], 1, [1]):
        yield case(f"UnitNormalization axis {axis}", "UnitNormalization", {"axis": axis}, [3, 4, 5])
    yield case("UnitNormalization rank 2", "UnitNormalization", {}, [4, 37])


def make():
    return document(cases=[*layer_normalization(), *group_normalization(), *without_mean()])

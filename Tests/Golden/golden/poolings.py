"""`poolings.json`: as `layers.json`, for layers that pool."""

from .layers import case
from .text import document

SHAPES = {1: [2, 7, 3], 2: [2, 7, 6, 3], 3: [1, 4, 5, 3, 2]}


def name_of(class_name, config, shape):
    options = " ".join(f"{k} {v}" for k, v in config.items())
    return f"{class_name} {options} on {shape[1:-1]}".replace("  ", " ")


def windows():
    """Sizes and strides that leave something over, and that pad by an odd number."""
    for kind in ("Max", "Average"):
        for rank, shape in SHAPES.items():
            for padding in ("valid", "same"):
                for size, strides in ((2, None), (3, 2), (3, 1), (1, 2), (2, 3)):
                    config = {"pool_size": size, "strides": strides, "padding": padding}
                    class_name = f"{kind}Pooling{rank}D"
                    yield case(name_of(class_name, config, shape), class_name, config, shape)
        for config, shape in (
            ({"pool_size": [3, 2], "strides": [1, 2], "padding": "same"}, [2, 4, 5, 18]),
            ({"pool_size": [2, 4], "strides": [2, 1], "padding": "valid"}, [1, 5, 4, 2]),
            ({"pool_size": [5, 5], "strides": [2, 2], "padding": "same"}, [1, 3, 2, 1]),
        ):
            class_name = f"{kind}Pooling2D"
            yield case(name_of(class_name, config, shape), class_name, config, shape)
    yield case("MaxPooling2D", "MaxPooling2D", {}, [2, 4, 4, 3])
    # Where several are the largest, the first is it.
    ties = {"pool_size": 3, "strides": 2, "padding": "same"}
    yield case("MaxPooling2D of equals", "MaxPooling2D", ties, [1, 5, 6, 2], scale=0.0)


def whole():
    """Where several are the largest, JAX shares the gradient: these inputs have no such places."""
    for kind in ("Max", "Average"):
        for rank, shape in SHAPES.items():
            for keepdims in (False, True):
                class_name, config = f"Global{kind}Pooling{rank}D", {"keepdims": keepdims}
                name = name_of(class_name, config, shape) + " as a whole"
                yield case(name, class_name, config, shape)
    # More places than are added up in a row.
    yield case(
        "GlobalAveragePooling2D large", "GlobalAveragePooling2D", {}, [1, 20, 15, 3]
    )


def make():
    return document(cases=[*windows(), *whole()])

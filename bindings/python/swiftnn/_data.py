"""Arrays at the door: what a caller gives becomes arrays that the library reads as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _lib
from .errors import ArgumentError, ShapeError

Array = NDArray[Any]

# The nearest element type that the library reads, for those that it does not.
_CONVERTED = {
    "int8": "int32",
    "int16": "int32",
    "uint16": "int32",
    "uint32": "int64",
    "uint64": "float64",
    "float16": "float32",
    "longdouble": "float64",
}


def as_array(value: Any, what: str) -> Array:
    """An aligned row-major array of float32, float64, uint8, int32 or int64.

    An array that is one already is given back as it is, a boolean one as a view; everything
    else is copied once.

    Raises
    ------
    ArgumentError
        The values are no numbers, or there is no axis of samples.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ArgumentError(f"{what}: expected an array, received {value!r:.80}: {error}") from None
    if array.dtype == np.bool_:
        array = np.ascontiguousarray(array).view(np.uint8)
    if array.ndim == 0:
        raise ArgumentError(f"{what}: expected an array of samples, received {value!r:.80}")
    flags = array.flags
    if array.dtype in _lib.dtype_codes() and flags.c_contiguous and flags.aligned:
        return array
    native = array.dtype.newbyteorder("=")
    if native not in _lib.dtype_codes():
        if native.kind == "O":
            native = _number_type(array, what)
        elif native.name not in _CONVERTED and native.kind != "f":
            raise ArgumentError(f"{what}: expected numbers, received {array.dtype}")
        native = np.dtype(
            _CONVERTED.get(native.name, native.name if native.kind != "f" else "float64")
        )
    return np.require(array, native, ["C_CONTIGUOUS", "ALIGNED"])


def is_ready(value: Any) -> bool:
    """Whether this is an array that `as_array` gives back as it is, found out quickly."""
    if type(value) is not np.ndarray or value.dtype not in _lib.dtype_codes():
        return False
    flags = value.flags
    return value.ndim > 0 and flags.c_contiguous and flags.aligned


def _number_type(array: Array, what: str) -> np.dtype[Any]:
    """The type for objects that are numbers, as in a table of mixed columns."""
    try:
        return np.asarray(array, np.float64).dtype
    except (TypeError, ValueError):
        raise ArgumentError(f"{what}: expected numbers, received objects") from None


def as_arrays(value: Any, names: Sequence[str], what: str) -> list[Array]:
    """One array for each name: of an array, a list with one for each, or a dictionary by name."""
    if len(names) == 1 and is_ready(value):
        return [value]
    return [
        as_array(part, f"{what} {name!r}" if len(names) > 1 else what)
        for part, name in zip(parts_by_name(value, names, what), names)
    ]


def parts_by_name(value: Any, names: Sequence[str], what: str) -> list[Any]:
    """What stands for each name, as it was given."""
    if isinstance(value, Mapping):
        missing = [name for name in names if name not in value]
        unknown = [name for name in value if name not in names]
        if missing or unknown:
            raise ArgumentError(f"{what}: expected {list(names)}, received {list(value)}")
        parts = [value[name] for name in names]
    elif is_list_of_arrays(value) and (len(names) > 1 or len(value) == 1):
        parts = list(value)
    else:
        parts = [value]
    if len(parts) != len(names):
        raise ArgumentError(
            f"{what}: expected {len(names)} arrays {list(names)}, received {len(parts)}"
        )
    return parts


def is_list_of_arrays(value: Any) -> bool:
    """Whether this is a list or tuple whose items are arrays themselves."""
    return (
        isinstance(value, (list, tuple))
        and len(value) > 0
        and all(hasattr(item, "__array__") and np.ndim(item) > 0 for item in value)
    )


def as_sample_weight(
    sample_weight: Any, class_weight: Mapping[int, float] | None, targets: Sequence[Array]
) -> NDArray[np.float32] | None:
    """The weight of each sample, from those of samples and of classes; None is 1."""
    by_class = checked_class_weight(class_weight)
    weights = None
    if sample_weight is not None:
        weights = as_array(sample_weight, "sample_weight")
        weights = np.require(weights, np.float32, ["C_CONTIGUOUS", "ALIGNED"])
    if by_class is None:
        return weights
    if len(targets) != 1:
        raise ArgumentError(f"class_weight: expected one output, this model has {len(targets)}")
    target = targets[0]
    is_one_hot = target.ndim > 1 and target.shape[-1] > 1
    labels = (target.argmax(-1) if is_one_hot else target.astype(np.int64)).reshape(len(target))
    of_classes = np.array([by_class.get(int(label), 1.0) for label in labels], np.float32)
    return of_classes if weights is None else of_classes * weights


def checked_class_weight(weights: Any) -> dict[int, float] | None:
    """The weight of each class by its number."""
    if weights is None:
        return None
    if not isinstance(weights, Mapping):
        raise ArgumentError(
            "class_weight: expected a dictionary of class numbers to weights, as "
            f"{{0: 1.0, 1: 2.5}}, received {weights!r:.80}"
        )
    for label in weights:
        if not isinstance(label, Real) or not float(label).is_integer():
            raise ArgumentError(f"class_weight: expected a class number, received {label!r:.80}")
    return {
        int(label): checked_number(weight, f"class_weight of {label}")
        for label, weight in weights.items()
    }


def checked_number(value: Any, name: str) -> float:
    """A number; which ones may be given, the library knows."""
    if not isinstance(value, (str, bytes)):
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            pass
    raise ArgumentError(f"{name}: expected a number, received {value!r:.80}")


def checked_batch_size(size: int | None) -> int:
    """A number of samples that are computed at once; 32 where none was given."""
    if size is None:
        return 32
    if not isinstance(size, (int, np.integer)) or size < 1:
        raise ArgumentError(f"batch_size: expected a whole number from 1, received {size!r}")
    return int(size)


def checked_epochs(count: int, name: str) -> int:
    """A number of epochs, from 0."""
    if not isinstance(count, (int, np.integer)) or count < 0:
        raise ArgumentError(f"{name}: expected a whole number from 0, received {count!r}")
    return int(count)


def checked_rows(array: Array, shape: tuple[int, ...], name: str) -> Array:
    """The array, if it holds samples of this shape.

    A plain list of numbers serves where a sample is one number.
    """
    if array.ndim == 1 and shape == (1,):
        array = array.reshape(-1, 1)
    if array.shape[1:] != shape:
        raise ShapeError(f"input {name!r}: expected shape {(None, *shape)}, received {array.shape}")
    return array


def check_not_copied(arrays: Sequence[Array], parts: Sequence[Any]) -> None:
    """Refuse parts that the library does not read where they are.

    Raises
    ------
    ArgumentError
        The array is one that was made of the part.
    """
    for array, part in zip(arrays, parts):
        if not isinstance(part, np.ndarray) or array.ctypes.data != part.ctypes.data:
            raise ArgumentError(
                "x: expected a C-contiguous numpy array of float32, float64, uint8, int32 or "
                "int64, which is read anew by each call; received "
                f"{getattr(part, 'dtype', type(part).__name__)}"
            )


def checked_outputs(
    out: Any, inputs: Sequence[Array], names: Sequence[str], shapes: Sequence[tuple[int, ...]]
) -> list[NDArray[np.float32]]:
    """The arrays to predict these inputs into: one, or a list with one for each output.

    Raises
    ------
    ArgumentError
        One is no array of float32 that can be written to, is not contiguous, or shares memory
        with an input or another output.
    ShapeError
        One has another shape than the prediction.
    """
    arrays = list(out) if isinstance(out, (list, tuple)) else [out]
    if len(arrays) != len(names):
        raise ArgumentError(
            f"out: expected {len(names)} arrays {list(names)}, received {len(arrays)}"
        )
    for index, (array, shape) in enumerate(zip(arrays, shapes)):
        what = "out" if len(names) == 1 else f"out {names[index]!r}"
        _check_output(array, (len(inputs[0]), *shape), what)
        for other in (*inputs, *arrays[:index]):
            if np.may_share_memory(array, other):
                raise ArgumentError(f"{what}: expected memory that no other array has a part in")
    return arrays


def _check_output(array: Any, shape: tuple[int, ...], what: str) -> None:
    if not isinstance(array, np.ndarray):
        raise ArgumentError(f"{what}: expected a numpy array, received {type(array).__name__}")
    if array.dtype != np.float32:
        raise ArgumentError(f"{what}: expected float32, received {array.dtype}")
    if array.shape != shape:
        raise ShapeError(f"{what}: expected shape {shape}, received {array.shape}")
    flags = array.flags
    if not (flags.c_contiguous and flags.aligned):
        raise ArgumentError(f"{what}: expected a C-contiguous array that is aligned")
    if not flags.writeable:
        raise ArgumentError(f"{what}: expected an array that may be written to")

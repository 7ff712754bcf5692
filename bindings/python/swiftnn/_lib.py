"""The loaded library, and the one way in which the rest of the package calls it.

`call` takes and gives Python values; what a C parameter needs is read off its declaration:

- ``const char *``: text, a path, None, or a dictionary or list, which becomes JSON;
- a pointer followed by its count: one sequence, array or bytes object for both;
- ``const snn_array *`` alone: one array or None;
- trailing ``out_`` parameters: the results. A status below zero is raised.
"""

from __future__ import annotations

import ctypes
import functools
import json
import logging
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, SupportsIndex

import numpy as np

from . import _dropped, _find
from ._abi import Function, Header, Parameter
from ._version import __version__

logger = logging.getLogger("swiftnn")
logger.addHandler(logging.NullHandler())

_LOG_LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)

# Filled by `errors`: the exception class of each status name, and "default".
exception_classes: dict[str, type[Exception]] = {}
# Of files: those of the system's reasons that Python has classes for.
file_exception_classes: dict[str, type[Exception]] = {}

_lock = threading.RLock()
_loaded: Any = None


class LibraryError(ImportError):
    """libswiftnn.so or its header was not found, or is of another version than the package."""


class Handle:
    """An object of the library, freed with its last reference."""

    __slots__ = ("_as_parameter_", "_free")

    def __init__(self, pointer: int, free: Callable[[Any], int]) -> None:
        self._as_parameter_ = pointer
        self._free = free

    def __del__(self) -> None:
        self._free(self._as_parameter_)

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        # A copy of the pointer would be freed twice.
        raise TypeError(
            "an object of the library cannot be copied or pickled; a model can be, or be saved"
        )


@functools.cache
def header() -> Header:
    """The declarations of swiftnn.h."""
    tried = list(_find.header_candidates())
    for path in tried:
        if path.exists():
            return Header(path.read_text(encoding="utf-8"))
    raise LibraryError(_not_found("swiftnn.h", [str(path) for path in tried]))


def library() -> Any:
    """The loaded library; the first call loads it."""
    global _loaded
    if _loaded is None:
        with _lock:
            _loaded = _loaded or _load()
    return _loaded


def _load() -> Any:
    tried: list[str] = []
    for candidate in _find.library_candidates():
        if os.sep in candidate and not os.path.exists(candidate):
            tried.append(f"{candidate} (no such file)")
            continue
        try:
            loaded = ctypes.CDLL(candidate)
        except OSError as error:
            tried.append(f"{candidate} ({error})")
            continue
        _prepare(loaded, candidate)
        return loaded
    raise LibraryError(
        _not_found("libswiftnn.so", tried)
        + "\nBuild it with `make`, or set SWIFTNN_LIBRARY to its path."
    )


def _not_found(name: str, tried: list[str]) -> str:
    return f"{name} was not found. Tried:" + "".join(f"\n  {place}" for place in tried)


def _prepare(loaded: Any, path: str) -> None:
    """Check the version, declare the functions, pass log lines on to `logging`."""
    try:
        loaded.snn_version.restype = ctypes.c_char_p
        version = loaded.snn_version().decode()
        if version.split(".")[:2] != __version__.split(".")[:2]:
            raise LibraryError(
                f"{path} is version {version}, and this package needs version {__version__}"
            )
        header().bind(loaded)
    except AttributeError as error:
        raise LibraryError(f"{path} is not the library of swiftnn {__version__}: {error}") from None
    # The library keeps the address alone, so the callback must live as long as it.
    loaded.log_callback = header().types["snn_log_callback"](_dropped.entry(_log, 0))
    loaded.snn_log_set_callback(loaded.log_callback, None)


def _log(level: int, message: bytes, user: int | None) -> int:
    try:
        logger.log(
            _LOG_LEVELS[max(0, min(level, len(_LOG_LEVELS) - 1))],
            "%s",
            message.decode("utf-8", "replace"),
        )
    except Exception:  # a handler of the user's; nothing may go back through C
        logger.disabled = True
    return 0


# ---------------------------------------------------------------------------- calls


def call(
    name: str,
    *arguments: Any,
    capacity: int | None = None,
    out: np.ndarray[Any, Any] | None = None,
) -> Any:
    """Call a function of the library.

    Parameters
    ----------
    name : str
        The C function.
    *arguments
        Its inputs, as described at the top of this module.
    capacity : int, optional
        Room for the elements of a result of unknown length. Without it, the library is asked
        for the length first.
    out : array, optional
        A contiguous array that the one result of unknown length goes to; the status is returned.

    Returns
    -------
    object
        The results: none (then the status), one, or a tuple.

    Raises
    ------
    Error
        The subclass of the status, with the library's message.
    """
    entry = getattr(library(), name)
    function = header().functions[name]
    passed, results = _marshal(function, arguments)
    sized = next((result for result in results if isinstance(result, _Sized)), None)
    if sized is not None and out is not None:
        sized.buffer, sized.capacity = out, out.size
        return check(_dropped.kept(entry, *_pointers(passed)))
    if sized is not None:
        if capacity is None:
            check(_dropped.kept(entry, *_pointers(passed)))
            capacity = sized.length
        sized.reserve(capacity)
    status = check(_dropped.kept(entry, *_pointers(passed)))
    values = tuple(result.value() for result in results)
    return status if not values else values[0] if len(values) == 1 else values


def check(status: int) -> int:
    """Raise what a callback raised, whatever the status is, or the exception of a negative one;
    give others back.
    """
    _dropped.check()
    if status < 0:
        # The text first: it is valid until the next call.
        message = library().snn_last_error().decode("utf-8", "replace")
        name = library().snn_status_name(status).decode()
        error = exception_classes.get(name, exception_classes["default"])
        if name == "SNN_ERROR_IO":
            reasons = (kind for text, kind in file_exception_classes.items() if text in message)
            error = next(reasons, error)
        raise error(message or name)
    return status


class _Sized:
    """A result of unknown length: buffer, capacity and length."""

    def __init__(self, element: str, length_type: str) -> None:
        self.element = element
        self.count: Any = ctypes.c_int64(0) if length_type == "int64_t*" else ctypes.c_int32(0)
        self.buffer: Any = None
        self.capacity = 0

    @property
    def length(self) -> int:
        return int(self.count.value)

    def reserve(self, capacity: int) -> None:
        types = {"char": np.uint8, "void": np.uint8, "float": np.float32, "double": np.float64}
        # A text's closing NUL is not counted in its length.
        self.capacity = capacity + (self.element == "char")
        self.buffer = np.empty(self.capacity, types.get(self.element, np.int64))

    def value(self) -> Any:
        values = self.buffer[: self.length]
        if self.element == "char":
            return values.tobytes().decode("utf-8", "replace")
        if self.element == "void":
            return values.tobytes()
        return values if self.element == "float" else values.tolist()


class _Single:
    """A result of known size: a number or a handle."""

    def __init__(self, c_type: str) -> None:
        self.c_type = c_type.removesuffix("*")
        self.cell: Any = (
            ctypes.c_void_p() if self.c_type.endswith("*") else header().types[self.c_type]()
        )

    def value(self) -> Any:
        if self.c_type.endswith("*"):
            free = getattr(library(), self.c_type.removesuffix("*") + "_free")
            return Handle(self.cell.value, free)
        return self.cell.value


def _marshal(function: Function, arguments: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The C arguments and the results. A `_Sized` among the arguments stands for three."""
    parameters = list(function.parameters)
    given = list(arguments)
    passed: list[Any] = []
    results: list[Any] = []
    while parameters:
        parameter = parameters.pop(0)
        following = parameters[0].name if parameters else ""
        if parameter.name.startswith("out_"):
            if following == "capacity":
                sized = _Sized(parameter.c_type.removesuffix("*"), parameters[1].c_type)
                passed.append(sized)
                results.append(sized)
                del parameters[:2]
            else:
                single = _Single(parameter.c_type)
                passed.append(ctypes.byref(single.cell))
                results.append(single)
        elif parameter.c_type.endswith("*") and _is_count(following):
            passed += _counted(parameter, given.pop(0))
            del parameters[0]
        else:
            passed.append(_argument(parameter, given.pop(0)))
    if given:
        raise TypeError(f"{function.name} takes no {given}")
    return passed, results


def _is_count(name: str) -> bool:
    return name.endswith(("count", "length")) and not name.startswith("out_")


def _pointers(passed: list[Any]) -> list[Any]:
    expanded: list[Any] = []
    for value in passed:
        if isinstance(value, _Sized):
            address = None if value.buffer is None else _address(value.buffer)
            expanded += [address, value.capacity, ctypes.byref(value.count)]
        else:
            expanded.append(value)
    return expanded


def _argument(parameter: Parameter, value: Any) -> Any:
    if value is None or isinstance(value, Handle):
        return value
    if parameter.ctype is ctypes.c_char_p:
        return encode(value)
    if parameter.c_type == "snn_array*":
        return _lend([value])
    return value


def _counted(parameter: Parameter, value: Any) -> list[Any]:
    if value is None:
        return [None, 0]
    if parameter.c_type == "snn_array*":
        return [_lend(value), len(value)]
    if isinstance(value, bytes):
        return [ctypes.c_char_p(value), len(value)]
    if isinstance(value, np.ndarray):
        return [_address(value), value.size]
    element = header().types[parameter.c_type.removesuffix("*")]
    return [(element * len(value))(*value), len(value)]


def encode(value: Any) -> bytes:
    """Text for C: a path, a text, or options as JSON.

    Raises
    ------
    ValueError
        The text holds a NUL, at which C would cut it.
    ConfigurationError
        An option is of a type that JSON has no word for.
    """
    if isinstance(value, (dict, list)):
        return json.dumps(value, default=_plain).encode()
    text = os.fsencode(value) if isinstance(value, os.PathLike) else value
    data = text if isinstance(text, bytes) else str(text).encode()
    if b"\0" in data:
        raise ValueError(f"a text for the library may not hold NUL characters: {data!r}")
    return data


def _plain(value: Any) -> Any:
    """What `json` writes for an option that it does not know: numpy's numbers as Python's."""
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.floating):
        return float(value)
    raise exception_classes["SNN_ERROR_CONFIGURATION"](
        "expected options of numbers, names, lists and dictionaries, "
        f"received a {type(value).__name__}: {value!r}"
    )


@functools.cache
def dtype_codes() -> dict[np.dtype[Any], int]:
    """The element types that the library reads as they are, with their codes."""
    names = ("float32", "float64", "uint8", "int32", "int64")
    return {np.dtype(name): header().constants[f"SNN_{name.upper()}"] for name in names}


def _lend(arrays: Sequence[np.ndarray[Any, Any]]) -> Any:
    """An array of `snn_array` over the memory of these arrays, which it does not keep alive."""
    codes = dtype_codes()
    struct = header().types["snn_array"]
    size = ctypes.sizeof(struct)
    lent = (struct * len(arrays))()
    # One tuple an entry: field by field takes nearly twice the time.
    for index, array in enumerate(arrays):
        shape = _extents(array.shape)
        lent[index] = (size, codes[array.dtype], array.ndim, shape, _address(array))
    return lent


_NoBytes = ctypes.c_char * 0


def _address(array: Any) -> int:
    """Where an array's memory begins."""
    try:
        # A quarter of the time that numpy's `ctypes` attribute takes.
        return ctypes.addressof(_NoBytes.from_buffer(array))
    except TypeError:  # it is read-only or not contiguous
        return int(array.ctypes.data)


def address_field(array: np.ndarray[Any, Any]) -> Any:
    """The field of an array object that holds where its memory begins: `value` reads it anew.

    It is the first after Python's own header in numpy's C API, and read in a tenth of the time
    that `_address` takes. Who reads it keeps the array alive, or knows that it is.
    """
    field = ctypes.c_size_t.from_address(id(array) + object.__basicsize__)
    if field.value != _address(array):
        raise exception_classes["SNN_ERROR_INTERNAL"]("arrays are not laid out as numpy's API says")
    return field


@functools.lru_cache(maxsize=256)
def _extents(shape: tuple[int, ...]) -> Any:
    """A shape for C, which reads it only: one serves all calls."""
    return (ctypes.c_int64 * len(shape))(*shape)


# ---------------------------------------------------------------------------- prediction


def bind_predict(
    session: Handle, inputs: Sequence[np.ndarray[Any, Any]], outputs: Sequence[np.ndarray[Any, Any]]
) -> Callable[[], int]:
    """A function that predicts into float32 arrays of the right shape and gives the status.

    It knows addresses alone: who calls it keeps the session and the arrays alive.
    """
    loaded = library()
    # Arguments that are C's already: ctypes converts a Python number at each call.
    own = ctypes.c_void_p(session._as_parameter_)
    if len(inputs) == len(outputs) == 1 and inputs[0].dtype == np.float32:
        rows, output = inputs[0], outputs[0]
        return _dropped.raising(
            loaded.snn_session_predict,
            own,
            ctypes.c_void_p(_address(rows)),
            ctypes.c_int64(len(rows)),
            ctypes.c_void_p(_address(output)),
            ctypes.c_int64(output.size),
        )
    return _dropped.raising(
        loaded.snn_session_predict_arrays,
        own,
        _lend(inputs),
        len(inputs),
        (ctypes.c_void_p * len(outputs))(*(_address(output) for output in outputs)),
        (ctypes.c_int64 * len(outputs))(*(output.size for output in outputs)),
        len(outputs),
    )


# ---------------------------------------------------------------------------- training


def bind_train_on_batch(
    trainer: Handle,
    inputs: Sequence[np.ndarray[Any, Any]],
    targets: Sequence[np.ndarray[Any, Any]],
    weight: np.ndarray[Any, Any] | None,
    count: int,
) -> tuple[Callable[[], int], Any]:
    """A function that makes a step and gives the status, and the array of its `count` values.

    It knows addresses alone: who calls it keeps the trainer and the arrays alive.
    """
    values = (ctypes.c_double * count)()
    run = _dropped.raising(
        library().snn_trainer_train_on_batch,
        ctypes.c_void_p(trainer._as_parameter_),
        _lend(inputs),
        len(inputs),
        _lend(targets),
        len(targets),
        None if weight is None else _lend([weight]),
        values,
        count,
        ctypes.byref(ctypes.c_int32()),
    )
    return run, values


def named(names: Sequence[str], values: Sequence[float]) -> dict[str, Any]:
    """The values by their names; those of one name that follow each other as an array."""
    found: dict[str, Any] = dict(zip(names, values))
    if len(found) < len(names):
        several: dict[str, list[float]] = {}
        for name, value in zip(names, values):
            several.setdefault(name, []).append(value)
        found |= {name: np.array(all_) for name, all_ in several.items() if len(all_) > 1}
    return found


class Progress:
    """What a callback of a fit is told; valid during the callback."""

    __slots__ = ("_raw",)

    def __init__(self, pointer: Any) -> None:
        self._raw = pointer.contents

    @property
    def epoch(self) -> int:
        """The epoch, from 0."""
        return int(self._raw.epoch)

    @property
    def batch(self) -> int:
        """The batch, from 0 in each epoch."""
        return int(self._raw.batch)

    @property
    def batches(self) -> int:
        """The batches of an epoch."""
        return int(self._raw.batches)

    @property
    def step(self) -> int:
        """The optimizer steps done."""
        return int(self._raw.step)

    @property
    def stopping(self) -> bool:
        """Whether the training ends after this."""
        return bool(self._raw.stopping)

    def logs(self) -> dict[str, Any]:
        """The loss and metrics of the epoch so far: a number each, or an array of them."""
        raw = self._raw
        count = raw.value_count
        return named([raw.names[i].decode() for i in range(count)], raw.values[:count])


Hook = Callable[[Progress], int]


class Hooks:
    """`snn_fit_callbacks` of functions by name, each of which gives 0 to go on, a number above to
    stop, or below to pause. What one raises pauses too, and the call raises it again.
    """

    def __init__(self, **hooks: Hook) -> None:
        types = header().types
        struct = types["snn_fit_callbacks"]
        entries = {
            name: types["snn_progress_callback"](_dropped.entry(_told(hook), -1))
            for name, hook in hooks.items()
        }
        self.struct = struct(struct_size=ctypes.sizeof(struct), **entries)


def _told(hook: Hook) -> Callable[[Any, Any], int]:
    return lambda progress, user: int(hook(Progress(progress)))


def fit(
    trainer: Handle,
    dataset: Handle,
    validation: Handle | None,
    options: dict[str, Any],
    hooks: Hooks,
) -> int:
    """`snn_trainer_fit`; what the hooks raise is raised here."""
    with _dropped.watch:
        status = library().snn_trainer_fit(
            trainer, dataset, validation, encode(options), ctypes.byref(hooks.struct)
        )
    return check(status)


def find_learning_rate(
    trainer: Handle, dataset: Handle, options: dict[str, Any], hooks: Hooks
) -> str:
    """`snn_trainer_find_learning_rate_told`; what the hooks raise is raised here."""
    text: str
    with _dropped.watch:
        text = call(
            "snn_trainer_find_learning_rate_told",
            trainer,
            dataset,
            options,
            ctypes.byref(hooks.struct),
        )
    return text


def evaluate(
    trainer: Handle, dataset: Handle, options: dict[str, Any], hooks: Hooks, count: int
) -> list[float]:
    """`snn_trainer_evaluate_told` of `count` values; what the hooks raise is raised here."""
    values: list[float]
    with _dropped.watch:
        values = call(
            "snn_trainer_evaluate_told",
            trainer,
            dataset,
            options,
            ctypes.byref(hooks.struct),
            capacity=count,
        )
    return values

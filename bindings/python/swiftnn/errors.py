"""The exceptions: one class for each cause, each also the Python class that fits the cause.

So ``except ValueError`` catches a wrong shape and ``except OSError`` a file that cannot be read,
and ``except swiftnn.Error`` catches all that the library refuses.
"""

from __future__ import annotations

from typing import ClassVar

from . import _lib

__all__ = [
    "ArgumentError",
    "BusyError",
    "ChecksumError",
    "ConfigurationError",
    "Error",
    "FileError",
    "ForbiddenFileError",
    "FormatError",
    "HandleError",
    "InternalError",
    "LibraryError",
    "LimitError",
    "MissingFileError",
    "NumericError",
    "OutOfMemoryError",
    "ShapeError",
    "StateError",
    "UnsupportedError",
]

LibraryError = _lib.LibraryError


class Error(Exception):
    """What the library refuses; the text says what was expected and what came."""

    status_name: ClassVar[str] = ""

    @property
    def status(self) -> int:
        """The `snn_status` of the C library; 0 where there is none."""
        return _lib.header().constants.get(self.status_name, 0)


class ArgumentError(Error, ValueError):
    """An argument is out of range, or not what it should be."""

    status_name = "SNN_ERROR_ARGUMENT"


class HandleError(Error):
    """An object was freed, or is of another kind."""

    status_name = "SNN_ERROR_HANDLE"


class BusyError(Error, RuntimeError):
    """The object is in use by another call: of another thread, or around a callback."""

    status_name = "SNN_ERROR_BUSY"


class StateError(Error, RuntimeError):
    """The object is not in a state that allows the call."""

    status_name = "SNN_ERROR_STATE"


class ShapeError(Error, ValueError):
    """A shape or a count does not fit."""

    status_name = "SNN_ERROR_SHAPE"


class ConfigurationError(Error, ValueError):
    """An unknown name or key, a bad value, or JSON that cannot be read."""

    status_name = "SNN_ERROR_CONFIGURATION"


class UnsupportedError(Error, NotImplementedError):
    """Valid, but not something that this version does."""

    status_name = "SNN_ERROR_UNSUPPORTED"


class NumericError(Error, FloatingPointError):
    """A loss or gradient is not finite. That step changed nothing."""

    status_name = "SNN_ERROR_NUMERIC"


class OutOfMemoryError(Error, MemoryError):
    """Memory ran out, or the limit that was set."""

    status_name = "SNN_ERROR_MEMORY"


class FileError(Error, OSError):
    """The operating system refused to read or write."""

    status_name = "SNN_ERROR_IO"


class MissingFileError(FileError, FileNotFoundError):
    """There is no such file or folder."""


class ForbiddenFileError(FileError, PermissionError):
    """The file's permissions do not allow it."""


class FormatError(Error, ValueError):
    """Not a file of a known kind, or one whose parts contradict each other."""

    status_name = "SNN_ERROR_FORMAT"


class ChecksumError(Error, ValueError):
    """A file that was damaged after it was written."""

    status_name = "SNN_ERROR_CHECKSUM"


class LimitError(Error, ValueError):
    """A size over one of the library's limits."""

    status_name = "SNN_ERROR_LIMIT"


class InternalError(Error, RuntimeError):
    """A fault of the library: please report it."""

    status_name = "SNN_ERROR_INTERNAL"


_lib.exception_classes.update(
    {error.status_name: error for error in Error.__subclasses__()}, default=Error
)
# The system's own words, in which the library passes its reason on.
_lib.file_exception_classes.update(
    {"No such file or directory": MissingFileError, "Permission denied": ForbiddenFileError}
)

"""What ``swiftnn.h`` declares, as ctypes: read from the header, repeated nowhere.

The header is plain C99 without macros in its declarations, so a few rules read all of it: enum
constants, ``#define``d numbers, structs, callback types, type names and functions. Text that no
rule reads is an error, so that no function is ever called without its argument types.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_SCALARS: dict[str, Any] = {
    "void": None,
    "char": ctypes.c_char,
    "float": ctypes.c_float,
    "double": ctypes.c_double,
    "size_t": ctypes.c_size_t,
    "uint8_t": ctypes.c_uint8,
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "int64_t": ctypes.c_int64,
    "uint64_t": ctypes.c_uint64,
}

_SKIPPED = re.compile(
    r"/\*.*?\*/"  # comments
    r"|^[ \t]*#[^\n]*(?:\\\n[^\n]*)*$"  # the preprocessor's lines
    r"|\bextern\s*(?=\s*\{)"  # what is left of `extern "C" {`
    r"|\bSNN_MUST_USE\b",
    re.DOTALL | re.MULTILINE,
)
_DEFINED_NUMBER = re.compile(r"^#define\s+(\w+)\s+(-?\d+)\s*$", re.MULTILINE)
_ENUM = re.compile(r"enum\s*(?:\w+\s*)?\{(?P<body>[^}]*)\}")
_STRUCT = re.compile(r"typedef\s+struct\s+\w+\s*\{(?P<body>[^}]*)\}\s*(?P<name>\w+)")
_OPAQUE = re.compile(r"typedef\s+struct\s+\w+\s+(?P<name>\w+)")
_CALLBACK = re.compile(
    r"typedef\s+(?P<result>[^()]*?)\(\s*\*\s*(?P<name>\w+)\s*\)\s*\((?P<body>[^()]*)\)"
)
_TYPE_NAME = re.compile(r"typedef\s+(?P<type>\w+)\s+(?P<name>\w+)")
_FUNCTION = re.compile(r"(?P<result>[\w\s*]*?[\s*])(?P<name>\w+)\s*\((?P<body>[^()]*)\)")
_DECLARATOR = re.compile(r"(?P<base>\w+)(?P<stars>[\s*]*?)(?P<name>\w+)")


class HeaderError(Exception):
    """The header holds something that this module does not read."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function: its name, C type and the ctypes type that it is passed as."""

    name: str
    c_type: str
    ctype: Any


@dataclass(frozen=True)
class Function:
    """A function of the header."""

    name: str
    result: Any
    parameters: tuple[Parameter, ...]


class Header:
    """The declarations of a C header.

    Parameters
    ----------
    text : str
        The header's source.

    Attributes
    ----------
    constants : dict of str to int
        Enum constants and numbers that are ``#define``d.
    types : dict of str to ctypes type
        Structs, callback types and type names; an opaque struct is ``None``, as ``void``.
    functions : dict of str to Function
        Every function.

    Raises
    ------
    HeaderError
        The text holds a declaration that is none of these, or a type that is not known.
    """

    def __init__(self, text: str) -> None:
        self.constants: dict[str, int] = {
            name: int(value) for name, value in _DEFINED_NUMBER.findall(text)
        }
        self.types: dict[str, Any] = dict(_SCALARS)
        self.functions: dict[str, Function] = {}
        self._opaque: set[str] = set()
        for declaration in _declarations(text):
            self._read(declaration)

    def bind(self, library: Any) -> None:
        """Give every function of a loaded library its argument and result types.

        Raises
        ------
        AttributeError
            The library lacks a function of the header.
        """
        for function in self.functions.values():
            entry = getattr(library, function.name)
            entry.argtypes = [parameter.ctype for parameter in function.parameters]
            entry.restype = function.result

    def _read(self, declaration: str) -> None:
        rules: list[tuple[re.Pattern[str], Callable[[re.Match[str]], None]]] = [
            (_ENUM, self._read_enum),
            (_STRUCT, self._read_struct),
            (_OPAQUE, self._read_opaque),
            (_CALLBACK, self._read_callback),
            (_TYPE_NAME, self._read_type_name),
            (_FUNCTION, self._read_function),
        ]
        for pattern, read in rules:
            if match := pattern.fullmatch(declaration):
                return read(match)
        raise HeaderError(f"cannot read this declaration: {declaration!r}")

    def _read_enum(self, match: re.Match[str]) -> None:
        value = -1
        for entry in filter(None, map(str.strip, match["body"].split(","))):
            name, _, explicit = (part.strip() for part in entry.partition("="))
            value = int(explicit, 0) if explicit else value + 1
            self.constants[name] = value

    def _read_struct(self, match: re.Match[str]) -> None:
        fields = []
        for field in filter(None, map(str.strip, match["body"].split(";"))):
            base, stars, name = _declarator(field)
            fields.append((name, self._field_type(base, stars)))
        self.types[match["name"]] = type(match["name"], (ctypes.Structure,), {"_fields_": fields})

    def _read_opaque(self, match: re.Match[str]) -> None:
        self._opaque.add(match["name"])
        self.types[match["name"]] = None

    def _read_callback(self, match: re.Match[str]) -> None:
        base, stars, _ = _declarator(match["result"].strip() + " result")
        arguments = [
            self._field_type(*_declarator(text)[:2]) for text in _split_parameters(match["body"])
        ]
        self.types[match["name"]] = ctypes.CFUNCTYPE(self._field_type(base, stars), *arguments)

    def _read_type_name(self, match: re.Match[str]) -> None:
        self.types[match["name"]] = self._base(match["type"])

    def _read_function(self, match: re.Match[str]) -> None:
        base, stars, _ = _declarator(match["result"].strip() + " result")
        parameters = []
        for text in _split_parameters(match["body"]):
            parameter_base, parameter_stars, name = _declarator(text)
            parameters.append(
                Parameter(
                    name,
                    parameter_base + "*" * parameter_stars,
                    self._parameter_type(parameter_base, parameter_stars, name),
                )
            )
        self.functions[match["name"]] = Function(
            match["name"], self._field_type(base, stars), tuple(parameters)
        )

    def _base(self, name: str) -> Any:
        if name not in self.types:
            raise HeaderError(f"unknown type {name!r}")
        return self.types[name]

    def _field_type(self, base: str, stars: int) -> Any:
        """The exact ctypes type; a pointer to an opaque struct or to void is ``c_void_p``."""
        ctype = self._base(base)
        if stars == 0:
            return ctype
        if ctype is ctypes.c_char:
            ctype, stars = ctypes.c_char_p, stars - 1
        elif ctype is None:
            ctype, stars = ctypes.c_void_p, stars - 1
        for _ in range(stars):
            ctype = ctypes.POINTER(ctype)
        return ctype

    def _parameter_type(self, base: str, stars: int, name: str) -> Any:
        """As `_field_type`, but a pointer to plain data or to a result is ``c_void_p``.

        So the address of a numpy array, ``byref(value)``, a ctypes array and ``None`` all pass
        as they are, without a cast at each call.
        """
        is_struct = isinstance(self._base(base), type) and issubclass(
            self._base(base), ctypes.Structure
        )
        is_text = base == "char" and not name.startswith("out_")
        if stars == 0 or is_struct or is_text:
            return self._field_type(base, stars)
        return ctypes.c_void_p


def _declarations(text: str) -> list[str]:
    """The header's declarations: split at each semicolon outside braces, spaces made single."""
    text = text.replace('"C"', "")
    plain = _SKIPPED.sub(" ", text)
    # What opened for C++ was between #ifdef lines and closes at the end of the text.
    plain = re.sub(r"^\s*\{|\}\s*$", " ", plain) if plain.rstrip().endswith("}") else plain
    declarations, depth, start = [], 0, 0
    for position, character in enumerate(plain):
        depth += (character == "{") - (character == "}")
        if character == ";" and depth == 0:
            declarations.append(" ".join(plain[start:position].split()))
            start = position + 1
    rest = plain[start:].strip()
    if rest or depth != 0:
        raise HeaderError(f"cannot read the end of the header: {rest[:80]!r}")
    return [declaration for declaration in declarations if declaration]


def _split_parameters(text: str) -> list[str]:
    parameters = [parameter.strip() for parameter in text.split(",")]
    return [] if parameters in ([""], ["void"]) else parameters


def _declarator(text: str) -> tuple[str, int, str]:
    """``const char *const *names`` -> ``("char", 2, "names")``."""
    plain = re.sub(r"\bconst\b|\bstruct\b", " ", text).strip()
    match = _DECLARATOR.fullmatch(plain)
    if match is None:
        raise HeaderError(f"cannot read {text!r}")
    return match["base"], match["stars"].count("*"), match["name"]

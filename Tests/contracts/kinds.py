"""What can be wrong with one argument, by its kind: the table's rows come from here.

A kind makes the good value of an argument and lists bad ones, each with the statuses that are an
answer to it.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from world import FEATURES, ROWS, World

Make = Callable[[World], Any]

ARGUMENT = frozenset({"SNN_ERROR_ARGUMENT"})
HANDLE = frozenset({"SNN_ERROR_HANDLE"})
NO_HANDLE = ARGUMENT | HANDLE
SIZE = ARGUMENT | {"SNN_ERROR_SHAPE", "SNN_ERROR_LIMIT"}
TEXT = ARGUMENT | {"SNN_ERROR_CONFIGURATION", "SNN_ERROR_LIMIT"}
CONFIGURATION = frozenset({"SNN_ERROR_CONFIGURATION"})
IO = frozenset({"SNN_ERROR_IO"})
FORMAT = frozenset({"SNN_ERROR_FORMAT"})
DAMAGED = FORMAT | {"SNN_ERROR_CHECKSUM"}
OK = frozenset({"SNN_OK"})

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Bad:
    """One wrong value."""

    label: str
    make: Make
    allowed: frozenset[str]
    mentions: str = ""
    """What the message has to name."""
    as_nobody: bool = False
    """Run as a user without rights."""
    file_limit: bool = False
    """Run where files may not grow beyond a few bytes."""
    needs: Callable[[World], str] | None = None
    """Tells why this machine cannot try it; "" when it can."""


@dataclass(frozen=True)
class Kind:
    good: Make
    bad: list[Bad] = field(default_factory=list)


def value(label: str, number: Any, allowed: frozenset[str], mentions: str = "") -> Bad:
    return Bad(label, lambda world: number, allowed, mentions)


def null(allowed: frozenset[str] = ARGUMENT) -> Bad:
    return Bad("NULL", lambda world: None, allowed)


# ---- handles


def handle(kind: str, name: str = "", null_is: frozenset[str] = NO_HANDLE) -> Kind:
    name = name or kind
    all_kinds = ("model", "session", "dataset", "trainer", "linear")
    others = [other for other in all_kinds if other != kind]
    bad = [
        null(null_is),
        Bad("freed", lambda world: world.freed(kind), HANDLE),
        Bad("freed, its place taken again", lambda world: _reused(world, kind), HANDLE),
        *(Bad(f"a {o}", lambda world, o=o: world.handle(o), HANDLE) for o in others),
        *(
            value(f"0x{number:x}", number, HANDLE)
            for number in (1, 2, 3, 7, 0xFFFF, 1 << 32, 1 << 63, 2**64 - 1, 0xDEADBEEFDEADBEEF)
        ),
        Bad("an address of memory", lambda world: world.memory(bytes(256)), HANDLE),
        Bad("one more", lambda world: world.handle(name) + 1, HANDLE),
        Bad("another generation", lambda world: world.handle(name) ^ (1 << 40), HANDLE),
        Bad("its highest bit", lambda world: world.handle(name) ^ (1 << 63), HANDLE),
    ]
    return Kind(lambda world: world.handle(name), bad)


def _reused(world: World, kind: str) -> int:
    freed = world.freed(kind)
    getattr(world, f"_make_{kind}")()
    return freed


# ---- numbers


def int32(good: int, bad: dict[int, frozenset[str]] | None = None) -> Kind:
    return Kind(lambda world: good, [value(str(n), n, a) for n, a in (bad or {}).items()])


int64 = int32


def real(good: float, bad: dict[float, frozenset[str]]) -> Kind:
    return Kind(lambda world: good, [value(str(n), n, a) for n, a in bad.items()])


def index32(good: int, end: int) -> Kind:
    """The number of something, from 0 up to but not with `end`."""
    return int32(good, dict.fromkeys((-1, end, end + 1, 1000, INT32_MIN, INT32_MAX), ARGUMENT))


def index64(good: int, end: int) -> Kind:
    numbers = (-1, end, end + 1, 2**31, 2**32, 2**62, INT64_MIN, INT64_MAX)
    return int64(good, dict.fromkeys(numbers, ARGUMENT | SIZE))


def count32(good: int) -> Kind:
    """How many there are of something whose number the library knows or bounds."""
    return int32(good, dict.fromkeys((-1, 0, good + 1, INT32_MIN, INT32_MAX), SIZE))


def count64(good: int) -> Kind:
    numbers = (-1, 0, good - 1, good + 1, 2**31, 2**32, 2**62, INT64_MIN, INT64_MAX)
    return int64(good, dict.fromkeys(numbers, SIZE))


# ---- results


def out(size: int = 8, name: str = "out") -> Kind:
    return Kind(lambda world: world.out(name, size), [null()])


def out_buffer(elements: int, size: int) -> Kind:
    """Room for a result; NULL only together with capacity 0."""
    return Kind(lambda world: world.out("out_buffer", elements * size), [null(SIZE)])


def capacity(good: int, too_small: Iterable[int], highest: int) -> Kind:
    lowest = -highest - 1
    return Kind(
        lambda world: good,
        [
            *(value(str(n), n, SIZE) for n in (-1, lowest, *too_small)),
            # More room than there is cannot be seen; it must not overflow either.
            *(value(str(n), n, OK | ARGUMENT) for n in (highest // 2, highest)),
        ],
    )


def out_list(size: int = 8) -> Kind:
    """An array of one pointer to `size` floats."""
    return Kind(
        lambda world: world.pointers(world.out("out_outputs", 4 * size)),
        [null(), Bad("NULL inside", lambda world: world.pointers(None, None), ARGUMENT)],
    )


# ---- texts


def text(good: str, unknown: str | None = None, null_is: frozenset[str] = ARGUMENT) -> Kind:
    """A name of something that exists; `unknown` is one that does not."""
    bad = [
        null(null_is),
        Bad("bad UTF-8", lambda world: world.text(b"a\xff\xfe"), TEXT),
        Bad("half a character", lambda world: world.text(b"caf\xc3"), TEXT),
        Bad("1 MB", lambda world: world.text("a" * 1_000_000), TEXT),
        Bad("empty", lambda world: world.text(""), TEXT),
        Bad("control bytes", lambda world: world.text("\x01\x1b[31m\n"), TEXT),
        Bad("a format", lambda world: world.text("%s%n%s%n"), TEXT),
    ]
    if unknown is not None:
        bad.append(Bad("unknown", lambda world: world.text(unknown), TEXT, unknown))
    return Kind(lambda world: world.text(good), bad)


MALFORMED = {
    "open brace": "{",
    "close brace": "}",
    "no value": "{a:}",
    "no colon": "{a 1}",
    "open text": "{a: 'b",
    "open list": "{a: [1, 2",
    "two values": "{} {}",
    "rest behind": "{} x",
    "a list": "[1]",
    "a number": "12",
    "a text": "'text'",
    "half a number": "{a: 0x}",
    "half an escape": "{a: '\\u12'}",
    "open comment": "{} /* ",
    "deep": "{a: " + "[" * 1000 + "]" * 1000 + "}",
    "1 MB of brackets": "[" * 1_000_000,
    "1 MB of text": "a" * 1_000_000,
    "a control byte": "{a: '\x01'}",
}


def options(
    good: str | None = None, typo: tuple[str, str] | None = None, bad: Iterable[str] = (),
    unknown: str = "{nonsense: 1}",
) -> Kind:  # fmt: skip
    """JSON5 options. `typo` is a text with a key misspelt and the key that the message names;
    `bad` are values out of their range, `unknown` has the key 'nonsense' too many."""
    rows = [
        *(
            Bad(label, lambda world, t=content: world.text(t), TEXT)
            for label, content in MALFORMED.items()
        ),
        Bad("bad UTF-8", lambda world: world.text(b"{a: '\xff'}"), TEXT),
        Bad("unknown key", lambda world: world.text(unknown), CONFIGURATION, "nonsense"),
    ]
    if typo:
        rows.append(Bad("misspelt", lambda world: world.text(typo[0]), CONFIGURATION, typo[1]))
    rows += [Bad(content, lambda world, t=content: world.text(t), TEXT | SIZE) for content in bad]
    return Kind(lambda world: None if good is None else world.text(good), rows)


# ---- arrays


def numbers(good: Make, null_is: frozenset[str] = ARGUMENT) -> Kind:
    return Kind(good, [null(null_is)])


def arrays(
    which: str, optional: bool = False, checked: bool = True, alone: bool = False,
) -> Kind:  # fmt: skip
    """One snn_array. `checked`: the call knows the shape that it has to have; `alone`: there is
    no other array with as many samples."""
    make: Callable[..., int] = lambda world, **changes: getattr(world, which)(**changes)  # noqa: E731
    rank = 1 if which == "weights" else 2
    tail = {"inputs": [FEATURES], "targets": [1], "weights": []}[which]
    shapes = {
        "negative samples": [-1, *tail],
        "lowest samples": [INT64_MIN, *tail],
        "too many samples": [2**62, *tail],
        "most samples": [INT64_MAX, *tail],
    }
    if not alone:
        shapes["other samples"] = [ROWS - 1, *tail]
    if tail:
        shapes |= {
            "negative extent": [ROWS, -tail[0]],
            "product overflows": [2**32, 2**32],
            "product overflows to 0": [2**33, 2**31],
        }
    if tail and checked:
        shapes |= {"other extent": [ROWS, tail[0] + 1], "no extent": [ROWS, 0]}

    def field_row(name: str, number: int | None, allowed: frozenset[str]) -> Bad:
        return Bad(f"{name} {number}", lambda world: make(world, **{name: number}), allowed)

    bad = [
        null(OK if optional else ARGUMENT),
        *(field_row("struct_size", n, ARGUMENT) for n in (0, 1, 8, 31)),
        field_row("struct_size", 2**63, ARGUMENT | OK),
        *(field_row("dtype", n, ARGUMENT) for n in (-1, 5, 100, INT32_MIN, INT32_MAX)),
        *(field_row("rank", n, SIZE) for n in (0, -1, 9, INT32_MIN, INT32_MAX)),
        field_row("shape", None, ARGUMENT),
        field_row("data", None, ARGUMENT),
        Bad("data not aligned", lambda w: make(w, data=w.memory(bytes(256)) + 1), ARGUMENT),
        *(
            Bad(label, lambda w, s=s: make(w, shape=w.int64s(*s)), SIZE)
            for label, s in shapes.items()
        ),
    ]
    if checked:
        bad.append(
            Bad(
                "another rank",
                lambda w: make(w, rank=rank + 1, shape=w.int64s(ROWS, *tail, 2)),
                SIZE,
            )
        )
    return Kind(make, bad)


NAN = math.nan


# ---- files


def read_path(name: str, damaged: Iterable[str]) -> Kind:
    def file(other: str) -> Make:
        return lambda world: world.text(str(world.files.path(other)))

    bad = [
        *_any_path(),
        Bad("missing", file("missing.h5"), IO, "missing.h5"),
        Bad("in a missing folder", file("missing/model.h5"), IO, "missing"),
        Bad("below a file", file("model.h5/model.h5"), IO),
        Bad("a directory", file("folder.h5"), IO | FORMAT | ARGUMENT, "folder.h5"),
        Bad("a FIFO", file("fifo.h5"), IO | FORMAT | ARGUMENT, "fifo.h5"),
        Bad("a loop of links", file("loop.h5"), IO),
        Bad("a device", file("device.h5"), IO | FORMAT | ARGUMENT, needs=_device),
        Bad("no permission", file("private.h5"), IO, "private.h5", as_nobody=True),
        Bad("no UTF-8", lambda world: world.text(b"/tmp/\xff\xfe.h5"), IO | ARGUMENT),
        *(
            Bad(other, file(other), FORMAT | DAMAGED, other)
            for other in ("text.h5", "empty.h5", "zeros.h5", "signature.h5")
        ),
        *(Bad(other, file(other), DAMAGED, other) for other in damaged),
    ]
    return Kind(file(name), bad)


def write_path(name: str) -> Kind:
    def file(other: str) -> Make:
        return lambda world: world.text(str(world.files.path(other)))

    def on_full_disk(world: World) -> int:
        assert world.files.full_disk
        return world.text(str(world.files.full_disk / name))

    bad = [
        *_any_path(),
        Bad("in a missing folder", file(f"missing/{name}"), IO, "missing"),
        Bad("below a file", file(f"model.h5/{name}"), IO),
        Bad("a directory", file("folder.h5"), IO | ARGUMENT, "folder.h5"),
        Bad("a FIFO", file("fifo.h5"), IO | ARGUMENT, "fifo.h5"),
        Bad("a loop of links", file("loop.h5"), IO),
        Bad("a device that is full", file("device.h5"), IO | ARGUMENT, needs=_device),
        Bad("a folder without permission", file(f"closed/{name}"), IO, as_nobody=True),
        Bad("a full disk", on_full_disk, IO, needs=_full_disk),
        Bad("a limit on file sizes", file(name), IO | {"SNN_ERROR_LIMIT"}, file_limit=True),
    ]
    return Kind(file(name), bad)


def _any_path() -> list[Bad]:
    return [
        null(),
        Bad("empty", lambda world: world.text(""), IO | ARGUMENT),
        Bad("5,000 bytes", lambda world: world.text("/tmp/" + "a" * 5000), IO | SIZE),
        Bad("a name of 300 bytes", lambda world: world.text("/tmp/" + "a" * 300), IO | SIZE),
        Bad("1 MB", lambda world: world.text("/tmp/" + "a" * 1_000_000), IO | SIZE),
    ]


def _device(world: World) -> str:
    return "" if world.files.has_device() else "no device can be made here"


def _full_disk(world: World) -> str:
    return "" if world.files.full_disk else "no file system can be mounted here"


def callbacks() -> Kind:
    from world import Callbacks

    def make(world: World, size: int) -> int:
        struct = Callbacks(size, None, None, None)
        world.keep.append(struct)
        return ctypes.addressof(struct)

    full = ctypes.sizeof(Callbacks)
    return Kind(
        lambda world: make(world, full),
        [
            null(OK),
            *(Bad(f"struct_size {n}", lambda w, n=n: make(w, n), ARGUMENT) for n in (0, 1, 8, 31)),
            Bad("struct_size 2^63", lambda w: make(w, 2**63), ARGUMENT | OK),
        ],
    )


def layer_callbacks() -> Kind:
    """Of a layer that no model has, so that none is called."""
    from world import LayerCallbacks

    def make(world: World, size: int, forward: int | None = 1, backward: int | None = 1) -> int:
        struct = LayerCallbacks(size, forward, backward, None, None, None)
        world.keep.append(struct)
        return ctypes.addressof(struct)

    full = ctypes.sizeof(LayerCallbacks)
    return Kind(
        lambda world: make(world, full),
        [
            null(OK),
            *(Bad(f"struct_size {n}", lambda w, n=n: make(w, n), ARGUMENT) for n in (0, 1, 8, 23)),
            Bad("struct_size 24", lambda w: make(w, 24), OK),
            Bad("struct_size 2^63", lambda w: make(w, 2**63), ARGUMENT | OK),
            Bad("no forward", lambda w: make(w, full, forward=None), ARGUMENT, "forward"),
            Bad("no backward", lambda w: make(w, full, backward=None), ARGUMENT, "backward"),
        ],
    )

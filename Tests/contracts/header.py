"""What include/swiftnn.h declares, read from its text: the one list that the tests go by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "include" / "swiftnn.h"


@dataclass(frozen=True)
class Parameter:
    type: str
    """As C writes it, with single blanks: "const float *"."""
    name: str

    @property
    def is_pointer(self) -> bool:
        return self.type.endswith("*") or self.type.endswith("_callback")


@dataclass(frozen=True)
class Function:
    result: str
    name: str
    parameters: tuple[Parameter, ...]


def code() -> str:
    """The header without comments and preprocessor lines."""
    text = re.sub(r"/\*.*?\*/", " ", HEADER.read_text(), flags=re.S)
    return re.sub(r"^#.*$", "", text, flags=re.M)


def functions() -> list[Function]:
    """Every function of the header, in its order."""
    found = re.findall(
        r"^([\w ]+?[ *]+)(snn_\w+)\(([^()]*)\)\s*(?:SNN_MUST_USE)?\s*;", code(), flags=re.M
    )
    return [Function(r.strip(), name, _parameters(text)) for r, name, text in found]


def statuses() -> dict[str, int]:
    """SNN_OK, the positive ones and every SNN_ERROR_."""
    return {
        name: int(value)
        for name, value in re.findall(
            r"\b(SNN_(?:OK|STOPPED|PAUSED|RANK_DEFICIENT|ERROR_\w+)) = (-?\d+)", code()
        )
        }


def _parameters(text: str) -> tuple[Parameter, ...]:
    text = " ".join(text.split())
    if text in ("", "void"):
        return ()
    parts = [re.fullmatch(r"(.*?)(\w+)", part.strip()) for part in text.split(",")]
    return tuple(Parameter(part.group(1).strip(), part.group(2)) for part in parts if part)

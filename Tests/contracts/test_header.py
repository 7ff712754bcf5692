"""The public header reads as C and C++ of every standard, and its structs stay as they are."""

import re
from pathlib import Path

import header
import pytest

STRICT = ["-pedantic-errors", "-Wall", "-Wextra", "-Werror", "-I", header.ROOT / "include"]
HERE = Path(__file__).parent


@pytest.mark.parametrize("standard", ["c90", "c99", "c11", "c17", "c2x"])
def test_header_compiles_as_c(standard, tmp_path, run):
    source = tmp_path / "use.c"
    source.write_text('#include "swiftnn.h"\n#include "swiftnn.h"\nint main(void) { return 0; }\n')
    # C90 has no fixed-width types of its own, and SIZE_MAX-like macros use long long.
    run("gcc", f"-std={standard}", *STRICT, "-Wstrict-prototypes", "-Wno-long-long",
        "-c", source, "-o", tmp_path / "use.o")  # fmt: skip


@pytest.mark.parametrize("standard", ["c++98", "c++11", "c++17", "c++20"])
def test_header_compiles_as_cpp(standard, tmp_path, run):
    source = tmp_path / "use.cpp"
    source.write_text('#include "swiftnn.h"\n#include "swiftnn.h"\nint main() { return 0; }\n')
    run("g++", f"-std={standard}", *STRICT, "-Wno-long-long",
        "-c", source, "-o", tmp_path / "use.o")  # fmt: skip


def test_layout_is_frozen(tmp_path, run):
    run("gcc", "-std=c11", *STRICT, "-c", HERE / "layout.c", "-o", tmp_path / "layout.o")


def test_layout_names_every_struct_and_field():
    frozen = (HERE / "layout.c").read_text()
    for body, name in re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", header.code(), re.S):
        assert f"SIZE({name}," in frozen
        for field in re.findall(r"(\w+);", body):
            assert f"FIELD({name}, {field}," in frozen


def test_no_line_comments_macros_or_inline_functions_for_other_languages_to_trip_over():
    text = header.HEADER.read_text()
    assert "//" not in re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    assert "inline" not in header.code() and "..." not in header.code()
    assert not re.search(r"#define \w+\(", text)


def test_staged_header_is_the_header(library):
    staged = library.parents[1] / "include" / "swiftnn.h"
    assert staged.read_bytes() == header.HEADER.read_bytes()

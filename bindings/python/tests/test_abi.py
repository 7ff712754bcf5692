"""The header is read completely and as the C compiler reads it."""

import ctypes
import re
import shutil
import subprocess

import pytest

from swiftnn import _find, _lib
from swiftnn._abi import Header, HeaderError

HEADER = next(path for path in _find.header_candidates() if path.exists())
TEXT = HEADER.read_text()


def names_in_text():
    """Every name before a parenthesis outside comments, typedefs and macros."""
    plain = re.sub(r"/\*.*?\*/", "", TEXT, flags=re.DOTALL)
    return set(re.findall(r"\b(snn_\w+)\s*\(", plain))


def test_every_function_of_the_header_has_argument_types():
    functions = Header(TEXT).functions
    assert set(functions) == names_in_text()
    for function in functions.values():
        assert all(parameter.ctype is not None for parameter in function.parameters)


def test_the_loaded_library_has_every_function_with_its_types():
    library, functions = _lib.library(), _lib.header().functions
    for name, function in functions.items():
        entry = getattr(library, name)
        assert list(entry.argtypes) == [parameter.ctype for parameter in function.parameters]
        assert entry.restype is function.result


def test_the_number_of_parameters_is_that_of_the_text():
    plain = re.sub(r"/\*.*?\*/", "", TEXT, flags=re.DOTALL)
    for name, function in Header(TEXT).functions.items():
        inside = re.search(rf"\b{name}\s*\(([^()]*)\)", plain)[1].strip()
        expected = 0 if inside == "void" else inside.count(",") + 1
        assert len(function.parameters) == expected, name


def test_constants_and_struct_layouts_are_those_of_the_compiler(tmp_path):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    header = Header(TEXT)
    structs = {
        name: kind
        for name, kind in header.types.items()
        if isinstance(kind, type) and issubclass(kind, ctypes.Structure)
    }
    assert set(structs) >= {"snn_array", "snn_progress", "snn_fit_callbacks"}
    lines = [f'printf("{name} %lld\\n", (long long){name});' for name in header.constants]
    expected = [f"{name} {value}" for name, value in header.constants.items()]
    for name, kind in structs.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        expected.append(f"{name} {ctypes.sizeof(kind)}")
        for field, _ in kind._fields_:
            lines.append(f'printf("{name}.{field} %zu\\n", offsetof({name}, {field}));')
            expected.append(f"{name}.{field} {getattr(kind, field).offset}")
    source = tmp_path / "layout.c"
    source.write_text(
        "#include <stdio.h>\n#include <swiftnn.h>\nint main(void) {"
        + "\n".join(lines)
        + "return 0; }"
    )
    program = tmp_path / "layout"
    subprocess.run([compiler, f"-I{HEADER.parent}", source, "-o", program], check=True)
    printed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    assert printed.split("\n")[:-1] == expected


@pytest.mark.parametrize(
    "text",
    [
        "snn_status snn_new(unknown_t x);",
        "int *snn_table[3];",
        "snn_status snn_open(int32_t (*callback)(void));",
        "enum { SNN_A = 1 }; snn_status snn_unfinished(",
    ],
)
def test_text_that_is_not_understood_is_an_error(text):
    with pytest.raises((HeaderError, KeyError)):
        Header("typedef int32_t snn_status;\n" + text)


def test_enums_count_on_and_text_pointers_are_told_from_buffers():
    header = Header(
        "enum { A, B = 4, C };\n"
        "int32_t snn_f(const char *name, char *out_text, const float *x, void *user);"
    )
    assert header.constants == {"A": 0, "B": 4, "C": 5}
    types = [parameter.ctype for parameter in header.functions["snn_f"].parameters]
    assert types == [ctypes.c_char_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]

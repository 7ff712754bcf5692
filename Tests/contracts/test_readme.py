"""The README's programs are the first that a newcomer runs: they are extracted and run here."""

import ast
import os
import re
import sys

import header

README = (header.ROOT / "README.md").read_text()
STAGED = header.ROOT / "build"


def program(language: str) -> str:
    """The one complete program in this language."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.S | re.M)
    assert len(blocks) == 1, f"expected one ```{language} block, found {len(blocks)}"
    lines = len([line for line in blocks[0].splitlines() if line.strip()])
    assert 15 <= lines <= 35, f"{lines} lines: a first program has twenty to thirty"
    return blocks[0]


def test_the_c_program_runs(tmp_path, run, library):
    (tmp_path / "first.c").write_text(program("c"))
    run("gcc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-I", STAGED / "include",
        "first.c", "-o", "first", "-L", STAGED / "lib", "-lswiftnn",
        f"-Wl,-rpath,{STAGED / 'lib'}", cwd=tmp_path)  # fmt: skip
    said = run("./first", cwd=tmp_path)
    assert_learned_xor(said)
    assert (tmp_path / "xor.h5").is_file()


def test_the_python_program_runs(tmp_path, run, library):
    (tmp_path / "first.py").write_text(program("python"))
    environment = {
        **os.environ,
        "PYTHONPATH": str(header.ROOT / "bindings" / "python"),
        "SWIFTNN_LIBRARY": str(library),
    }
    said = run(sys.executable, "first.py", cwd=tmp_path, env=environment)
    assert_learned_xor(said)
    assert (tmp_path / "xor.h5").is_file()


def test_the_table_names_every_layer_of_the_library():
    source = (header.ROOT / "bindings/python/swiftnn/layers/__init__.py").read_text()
    exported = next(
        ast.literal_eval(node.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    )
    layers = [name for name in exported if name[0].isupper()]
    others = {"CustomLayer", "Input", "Layer", "Weight"}
    assert layers and [n for n in layers if n not in others and f"`{n}`" not in README] == []


def assert_learned_xor(said: str) -> None:
    numbers = [float(n) for n in re.findall(r"-> (\d\.\d+)", said)]
    assert [round(number) for number in numbers] == [0, 1, 1, 0], said

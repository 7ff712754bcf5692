"""The short examples run and say what they show."""

import os
import re
import subprocess
import sys

from header import ROOT


def said(*command, **options):
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def python(name):
    program = ROOT / "Examples" / "python" / name
    assert len(program.read_text().splitlines()) < 60
    path = str(ROOT / "bindings" / "python")
    return said(sys.executable, program, env=os.environ | {"PYTHONPATH": path})


def test_a_layer_of_ones_own():
    text = python("custom_layer.py")
    found = re.fullmatch(r"gradients off by at most (\S+)\naccuracy (\S+)\n", text)
    assert found, text
    assert float(found[1]) < 1e-3
    assert float(found[2]) > 0.95


def test_a_loss_of_ones_own():
    text = python("custom_loss.py")
    found = re.fullmatch(r"below: (\S+) and (\S+)\n", text)
    assert found, text
    assert abs(float(found[1]) - 0.1) < 0.03
    assert abs(float(found[2]) - 0.9) < 0.03


def test_a_layer_and_a_loss_in_c(tmp_path):
    built = ROOT / "build"
    said(
        "gcc", "-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
        "-I", built / "include", ROOT / "Examples" / "c" / "custom.c", "-o", tmp_path / "custom",
        "-L", built / "lib", "-lswiftnn", "-lm", f"-Wl,-rpath,{built / 'lib'}",
    )  # fmt: skip
    text = said(tmp_path / "custom", cwd=tmp_path)
    found = re.fullmatch(r"y = (\S+) a (\S+) b\n", text)
    assert found, text
    assert abs(float(found[1]) - 3) < 0.1
    assert abs(float(found[2]) + 2) < 0.1

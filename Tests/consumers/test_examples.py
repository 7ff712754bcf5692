"""The short examples run and say what they show."""

import os
import re
import subprocess
import sys

from header import ROOT


def test_a_layer_of_ones_own():
    program = ROOT / "Examples" / "python" / "custom_layer.py"
    assert len(program.read_text().splitlines()) < 60
    run = subprocess.run(
        [sys.executable, program],
        env=os.environ | {"PYTHONPATH": str(ROOT / "bindings" / "python")},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    said = re.fullmatch(r"gradients off by at most (\S+)\naccuracy (\S+)\n", run.stdout)
    assert said, run.stdout
    assert float(said[1]) < 1e-3
    assert float(said[2]) > 0.95

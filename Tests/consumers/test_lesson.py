"""Every page of the lesson, in its short form: its claims hold and its picture is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "Examples" / "python" / "lesson"
PAGES = sorted(path.name for path in LESSON.glob("[0-9]*.py"))


def test_the_pages_are_there():
    assert len(PAGES) == 9


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_it_claims(page, tmp_path):
    pytest.importorskip("matplotlib")
    run = subprocess.run(
        [sys.executable, page, "--small", "--pictures", str(tmp_path)],
        cwd=LESSON, env=os.environ | {"PYTHONPATH": str(ROOT / "bindings" / "python")},
        capture_output=True, text=True, timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "shown: " in run.stdout and "NOT SHOWN" not in run.stdout
    picture = (tmp_path / page).with_suffix(".png").read_bytes()
    assert picture.startswith(b"\x89PNG") and len(picture) > 10_000

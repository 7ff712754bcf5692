"""The package's README runs."""

import re
from pathlib import Path

import swiftnn

README = Path(__file__).resolve().parent.parent / "README.md"


def test_the_program_in_the_readme_runs(tmp_path, monkeypatch, capsys):
    (program,) = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(program, str(README), "exec"), {})
    assert capsys.readouterr().out.count("Epoch") == 5
    assert (tmp_path / "model.h5").exists()


def test_the_public_names_exist_and_are_described():
    for name in swiftnn.__all__:
        assert name == "__version__" or getattr(swiftnn, name).__doc__

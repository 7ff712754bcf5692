"""Finding and loading the library, its errors and its log."""

import logging
import os
import shutil
import subprocess
import sys

import pytest

import swiftnn
from swiftnn import _find, _lib, errors


def run(code, **environment):
    """Run Python code in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(_find.PACKAGE.parent), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_importing_needs_no_library_and_using_names_the_path_that_was_tried():
    code = "import swiftnn; print(swiftnn.__version__); swiftnn.get_num_threads()"
    result = run(code, SWIFTNN_LIBRARY="/nowhere/libswiftnn.so")
    assert result.stdout.strip() == swiftnn.__version__
    assert "LibraryError" in result.stderr
    assert "/nowhere/libswiftnn.so (no such file)" in result.stderr


def test_without_a_name_the_package_the_repository_and_the_system_are_tried(monkeypatch):
    monkeypatch.delenv("SWIFTNN_LIBRARY", raising=False)
    candidates = list(_find.library_candidates())
    assert candidates[0] == str(_find.PACKAGE / "libswiftnn.so")
    assert any(place.endswith("/build/lib/libswiftnn.so") for place in candidates)
    assert candidates[-2:] == ["libswiftnn.so.0", "libswiftnn.so"]


@pytest.mark.parametrize(
    ("version", "said"),
    [("9.9.9", "is version 9.9.9"), (swiftnn.__version__, "undefined symbol")],
)
def test_a_library_of_another_version_or_kind_is_refused(tmp_path, version, said):
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    source, library = tmp_path / "other.c", tmp_path / "libswiftnn.so"
    source.write_text(f'const char *snn_version(void) {{ return "{version}"; }}')
    subprocess.run([compiler, "-shared", "-fPIC", source, "-o", library], check=True)
    result = run("import swiftnn; swiftnn.get_num_threads()", SWIFTNN_LIBRARY=str(library))
    assert "LibraryError" in result.stderr
    assert said in result.stderr
    assert str(library) in result.stderr


def test_versions_agree():
    constants = _lib.header().constants
    parts = [constants[f"SNN_VERSION_{part}"] for part in ("MAJOR", "MINOR", "PATCH")]
    assert swiftnn.__version__ == ".".join(map(str, parts))
    assert swiftnn.build_info()["version"] == swiftnn.__version__


def test_each_error_status_has_its_exception_and_each_exception_its_status():
    statuses = {
        name: value
        for name, value in _lib.header().constants.items()
        if name.startswith("SNN_ERROR_")
    }
    classes = {kind.status_name: kind for kind in errors.Error.__subclasses__()}
    assert set(classes) == set(statuses)
    for name, value in statuses.items():
        assert classes[name]("text").status == value
        assert _lib.library().snn_status_name(value).decode() == name


@pytest.mark.parametrize(
    ("error", "python"),
    [
        (swiftnn.ArgumentError, ValueError),
        (swiftnn.ShapeError, ValueError),
        (swiftnn.ConfigurationError, ValueError),
        (swiftnn.BusyError, RuntimeError),
        (swiftnn.UnsupportedError, NotImplementedError),
        (swiftnn.NumericError, ArithmeticError),
        (swiftnn.OutOfMemoryError, MemoryError),
        (swiftnn.FileError, OSError),
        (swiftnn.MissingFileError, FileNotFoundError),
        (swiftnn.ForbiddenFileError, PermissionError),
        (swiftnn.LibraryError, ImportError),
    ],
)
def test_errors_are_also_what_python_users_catch(error, python):
    assert issubclass(error, python)


def test_a_mistake_is_told_in_the_words_of_the_library():
    with pytest.raises(swiftnn.ArgumentError) as caught:
        swiftnn.set_num_threads(-1)
    assert caught.value.status == _lib.header().constants["SNN_ERROR_ARGUMENT"]
    assert str(caught.value)


def test_a_text_with_nul_is_not_cut():
    with pytest.raises(ValueError, match="NUL"):
        swiftnn.load_model("a\0b.h5")


def test_log_lines_go_to_logging(caplog):
    library = _lib.library()
    with caplog.at_level(logging.INFO, logger="swiftnn"):
        constants = _lib.header().constants
        assert library.log_callback(constants["SNN_LOG_WARNING"], b"\xc3\xbcber %s", None) == 0
    assert caplog.record_tuples == [("swiftnn", logging.WARNING, "über %s")]


def test_the_number_of_threads_is_kept():
    before = swiftnn.get_num_threads()
    try:
        swiftnn.set_num_threads(2)
        assert swiftnn.get_num_threads() == 2
    finally:
        swiftnn.set_num_threads(0)
    assert before >= 1


def test_nothing_is_printed():
    code = (
        "import numpy as np, swiftnn\n"
        "m = swiftnn.Sequential([swiftnn.Input(2), swiftnn.layers.Dense(1)])\n"
        "m.compile('sgd', 'mean_squared_error')\n"
        "m.fit(np.zeros((4, 2)), np.zeros(4), verbose=0)\n"
        "try: swiftnn.load_model('/nowhere/model.h5')\n"
        "except OSError: pass\n"
    )
    result = run(code)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_an_unknown_instruction_set_is_an_error():
    code = "import numpy as np, swiftnn\n"
    loss = "print(swiftnn.losses.MeanSquaredError()(np.ones((2, 1)), np.zeros((2, 1))))\n"
    model = "m = swiftnn.Sequential([swiftnn.Input((2,)), swiftnn.layers.Dense(1)])\n"
    for use in (loss, model + "m.predict(np.ones((1, 2)))", model + "m.compile(loss='mse')"):
        result = run(code + use, SWIFTNN_ISA="foo")
        assert "ConfigurationError: environment variable SWIFTNN_ISA: expected" in result.stderr
        assert result.stderr.strip().endswith('received "foo"')
    for known in ("", "base", "avx512"):
        assert run(code + loss, SWIFTNN_ISA=known).stdout.strip() == "1.0"

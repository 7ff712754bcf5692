"""What a training shows, and Ctrl-C."""

import io
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from conftest import two_layers

from swiftnn import _find, _interrupt
from swiftnn._progress import ProgressLine


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_plain_lines_where_there_is_no_terminal(capsys, points):
    two_layers().fit(*points, epochs=2, verbose=1)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Epoch 1/2 loss: ")
    assert " - accuracy: " in lines[0]
    assert lines[0].endswith("s")


@pytest.mark.parametrize(("verbose", "count"), [(0, 0), (1, 3), (2, 3), ("auto", 3)])
def test_verbosity(capsys, points, verbose, count):
    two_layers().fit(*points, epochs=3, verbose=verbose)
    printed = capsys.readouterr().out
    assert printed.count("\n") == count
    assert "\r" not in printed


def test_a_terminal_sees_one_line_that_changes():
    terminal = Terminal()
    line = ProgressLine(1, terminal)
    line.begin("Epoch 3/40")
    line.update(23, 45, {"loss": 0.1234567, "accuracy": 0.98})
    line.update(24, 45, {"loss": 0.1, "accuracy": 0.98})  # too soon to show
    line.end({"loss": 0.1})
    before, first, second = terminal.getvalue().split("\r")
    assert before == ""
    assert first.startswith(
        "Epoch 3/40 [==========>.........] 23/45 loss: 0.1235 - accuracy: 0.98 - "
    )
    assert second.startswith("Epoch 3/40 loss: 0.1 - ")
    assert second.endswith("\x1b[K\n")


def test_a_line_stays_in_one_row_of_a_narrow_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    terminal = Terminal()
    line = ProgressLine(1, terminal)
    line.begin("Epoch 3/40")
    line.update(23, 45, {"loss": 0.1234567, "accuracy": 0.98})
    drawn = terminal.getvalue().removeprefix("\r").removesuffix("\x1b[K")
    assert drawn == "Epoch 3/40 [==========>......"


def test_a_line_that_breaks_off_is_ended():
    terminal = Terminal()
    line = ProgressLine(1, terminal)
    line.begin("Epoch 1/1")
    line.update(1, 2, {})
    line.abandon()
    line.abandon()
    assert terminal.getvalue().endswith("\n")
    assert terminal.getvalue().count("\n") == 1


CHILD = """
    import os, signal, sys, threading, time
    import numpy as np
    import swiftnn
    from swiftnn import layers

    # A job in the background inherits that the signal is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    x = np.zeros((64, 4), np.float32)
    model = swiftnn.Sequential([swiftnn.Input(4), layers.Dense(8), layers.Dense(1)], seed=1)
    model.compile("sgd", "mean_squared_error")
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        model.fit(x, x[:, 0] + 1, epochs=1_000_000, verbose=0)
    except KeyboardInterrupt:
        print("interrupted", len(model.history.epoch) > 0, model.layers[1].get_weights()[1][0] > 0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    model.fit(x, x[:, 0] + 1, epochs=1, verbose=0)
    print("and went on")
"""


@pytest.mark.parametrize("attempt", range(3))
def test_ctrl_c_raises_and_the_model_keeps_what_it_learned(attempt):
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CHILD)],
        env={**os.environ, "PYTHONPATH": str(_find.PACKAGE.parent)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.stdout == "interrupted True True\nand went on\n", result.stderr
    assert result.stderr == ""


def test_a_handler_of_the_host_is_left_alone(points):
    calls = []
    before = signal.signal(signal.SIGINT, lambda number, frame: calls.append(number))
    try:
        with _interrupt.InterruptFlag() as flag:
            os.kill(os.getpid(), signal.SIGINT)
        assert calls == [signal.SIGINT]
        assert not flag.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_flag_raises_when_left():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        flag = _interrupt.InterruptFlag()
        flag.__enter__()
        os.kill(os.getpid(), signal.SIGINT)
        assert flag.is_set
        with pytest.raises(KeyboardInterrupt):
            flag.__exit__(None, None, None)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)

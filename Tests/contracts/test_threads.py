"""The library's threads: none without need, asleep when nothing is to do, never in the way."""

import os
import subprocess

import header
import pytest


@pytest.fixture(scope="module")
def say(tmp_path_factory, library):
    """Runs a mode of threads.c; its lines as numbers."""
    program = tmp_path_factory.mktemp("threads") / "threads"
    subprocess.run(
        ["gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread",
         "-I", header.HEADER.parent, header.ROOT / "Tests" / "contracts" / "threads.c",
         "-o", program, "-L", library.parent, "-lswiftnn", f"-Wl,-rpath,{library.parent}"],
        check=True,
    )  # fmt: skip

    def say(mode: str, **environment: str) -> list[list[float]]:
        done = subprocess.run(
            [program, mode], check=True, text=True, stdout=subprocess.PIPE,
            env={**os.environ, **environment},
        )  # fmt: skip
        return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]

    return say


def test_a_model_too_small_to_profit_makes_no_thread(say):
    assert say("tiny", SWIFTNN_NUM_THREADS="4") == [[1]]


def test_a_session_has_the_threads_that_it_asked_for_and_the_same_bits(say):
    threads = [[1, 1], [2, 1], [3, 1], [4, 1]]
    assert say("sessions", SWIFTNN_NUM_THREADS="1") == threads
    assert say("sessions", SWIFTNN_NUM_THREADS="4") == threads


def test_a_host_whose_model_rests_uses_no_processor_time(say):
    [[threads, seconds]] = say("idle")
    assert threads == 3
    # Of half a second; one thread that spun would take all of it.
    assert seconds < 0.05


def test_several_threads_of_the_host_at_once_get_through_with_the_right_bits(say):
    assert say("hosts") == [[1]] * 6


def test_children_of_a_fork_make_threads_of_their_own(say):
    assert say("fork") == [[1]]

"""A child of fork() uses its models, whatever other threads were doing at that moment."""

import re

import h5py
import numpy
import pytest


def test_children_come_through(build, run):
    assert run(build("fork")).strip() == "0"


def test_children_come_through_wherever_another_thread_makes_what_is_made_once(build, run):
    """Each run begins anew; together they stop at other places."""
    program = build("first_use")
    for stride in (41, 97, 101):
        children, failed = map(int, run(program, stride).split()[-2:])
        assert children > 20 and failed == 0


def test_children_come_through_and_have_threads_wherever_another_thread_makes_the_first_ones(
    build, run
):
    program = build("first_use")
    for stride in (1, 2, 3):
        children, failed = map(int, run(program, stride, "loop").split()[-2:])
        assert children > 0 and failed == 0


def test_a_thread_forks_anywhere_in_the_library_as_a_signal_handler_does(build, run):
    children, failed = map(int, run(build("first_use"), 7, "itself").split()[-2:])
    assert children > 100 and failed == 0


@pytest.mark.parametrize(
    "mode",
    [
        # A layer of the host's forks inside a prediction; both sides go on, or give all back.
        "predict",
        "arrays",
        "free",
        # A thread's call is the last to use what was freed, and the layer has a destroy.
        "destroy",
        # The child's other thread has the name of the parent's that trains.
        "alias",
        # As many forks in each other as a gate's word once could tell apart.
        "nested 8192",
        # A signal handler forks while the thread has a lock.
        "files",
        "sessions",
    ],
)
def test_forks_from_inside_of_the_library(build, run, mode):
    run(build("fork_inside"), *mode.split())


def test_a_fit_over_a_file_goes_on_in_a_child_without_the_thread_that_reads_ahead(
    build, run, tmp_path
):
    random = numpy.random.default_rng(1)
    with h5py.File(tmp_path / "samples.h5", "w") as file:
        file["x"] = random.random((4096, 1024), dtype=numpy.float32)
        file["y"] = random.random((4096, 1), dtype=numpy.float32)
    program = build("fork_inside")
    # A block has four batches; the next one is being read at the first of them, or was.
    for batch in range(6):
        run(program, "file", tmp_path / "samples.h5", batch)


def test_a_hosts_handlers_from_before_the_library_give_models_back(build, run, library):
    assert run(build("fork_early"), library).strip() == "0"


def test_what_is_made_once_is_made_by_a_function_that_fork_waits_for(debug_library, run):
    """The library's own swift_once calls what makes; the runtime's would spin instead."""
    body = run("objdump", "-d", "--no-show-raw-insn", debug_library)
    functions = re.findall(r"^[0-9a-f]+ <(swift_once[^>]*)>:\n((?:.+\n)+)", body, re.MULTILINE)
    assert {name.partition(".")[0] for name, _ in functions} == {"swift_once"}
    assert any("<snnf_lock>" in text or "<wait_for>" in text for _, text in functions)
    # A copy of the runtime's in the place of a call would make the thing there.
    assert re.findall(r"(?:call|jmp) .*_WZ>|lock cmpxchg.*_Wz>", body) == []

"""Predictions and changes of a model never meet, whoever is faster, and nobody waits."""

import subprocess

import header
import pytest


@pytest.fixture(scope="module")
def say(tmp_path_factory, library):
    """Runs a mode of exclusion.c; whether all was well, and how many changes were refused."""
    program = tmp_path_factory.mktemp("exclusion") / "exclusion"
    subprocess.run(
        ["gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-pthread",
         "-I", header.HEADER.parent, header.ROOT / "Tests" / "contracts" / "exclusion.c",
         "-o", program, "-L", library.parent, "-lswiftnn", f"-Wl,-rpath,{library.parent}"],
        check=True,
    )  # fmt: skip

    def say(mode: str, rounds: int) -> list[int]:
        done = subprocess.run(
            [program, mode, str(rounds)], check=True, text=True, stdout=subprocess.PIPE
        )
        return [int(word) for word in done.stdout.split()]

    return say


def test_sessions_of_their_own_never_see_half_a_change(say):
    assert say("changes", 20000)[0] == 1


def test_threads_that_share_a_session_take_turns(say):
    assert say("turns", 20000)[0] == 1


def test_sessions_that_come_and_go_refuse_no_change(say):
    assert say("idle", 5000) == [1, 0]


def test_a_session_is_freed_during_calls(say):
    assert say("frees", 5000)[0] == 1


def test_children_change_the_model_that_the_parent_predicts_with(say):
    assert say("forks", 60) == [1, 0]


def test_what_was_being_saved_is_usable_in_a_child(say):
    assert say("saves", 60) == [1, 0]


def test_sessions_that_were_predicting_are_usable_in_a_child_and_freed(say):
    assert say("held", 200) == [1, 0]


def test_a_change_that_is_refused_refuses_no_getter(say):
    assert say("getters", 200000) == [1, 0]


def test_thousands_of_sessions_of_a_model_are_in_nobodys_way(say):
    assert say("many", 3000) == [1, 0]


def test_what_was_being_trained_stays_busy_in_a_child_and_can_be_freed(say):
    assert say("called", 20) == [1, 0]

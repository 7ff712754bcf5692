"""The rows of `make bench` run: with our own contestants and for a moment, as times prove nothing
here. Products are left out, because they need SwiftPM's release build."""

import json
import os
import statistics
import sys

import header
import pytest

DENSE, LATER = ("mlp", "tiny"), ("resnet20", "lstm", "encoder")


@pytest.fixture(scope="module")
def rows(tmp_path_factory, library):
    import subprocess

    output = tmp_path_factory.mktemp("bench")
    command = [
        sys.executable, header.ROOT / "Benchmarks" / "run.py", "--rows", ",".join(DENSE + LATER),
        "--seconds", "0.001", "--rounds", "3", "--without-peers", "--output", output,
    ]  # fmt: skip
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, timeout=300, env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "| mlp train batch 64 |" in (output / "results.md").read_text()
    return json.loads((output / "results.json").read_text())["rows"]


def test_every_row_of_dense_layers_is_measured(rows):
    dense = [row for row in rows if row["name"].startswith(DENSE)]
    assert len(dense) >= 9
    assert {row["name"]: row["failure"] for row in dense if len(row["ours"]) != 3} == {}
    if len(os.sched_getaffinity(0)) > 1:  # limits of two threads want two processors
        assert [row["name"] for row in dense if row["limit_share"] is None] == []


def test_a_row_that_cannot_run_says_the_librarys_reason(rows):
    later = [row for row in rows if row["name"].startswith(LATER)]
    assert later and [
        (row["name"], row["failure"])
        for row in later
        if not row["ours"] and "that this version does not have" not in row["failure"]
    ] == []


def test_the_ratio_is_the_median_of_the_rounds_ratios(rows):
    compared = [row for row in rows if row["ratio"] and row["ratio"]["peer"] in row["peers"]]
    assert compared
    for row in compared:
        theirs = row["peers"][row["ratio"]["peer"]]
        paired = [peer / ours for peer, ours in zip(theirs, row["ours"])]
        assert row["ratio"]["middle"] == pytest.approx(statistics.median(paired))

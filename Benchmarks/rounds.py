"""Measures a row: everyone in turn, several times, so that a change of the machine's pace meets
all alike and only ratios within a round count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median, quantiles

from contestants import CONTESTANTS, Entrants
from neighbours import Neighbours
from rows import Row
from workers import Worker, WorkerError


@dataclass
class Limit:
    """The time that the machine needs at the least, and why."""

    seconds: list[float]
    kind: str

    @property
    def least(self) -> float:
        """The best round: a limit is disturbed in one direction only."""
        return min(self.seconds)


@dataclass
class Ratio:
    """Our speed over a peer's: the median of the rounds' ratios and their middle half."""

    peer: str
    middle: float
    low: float
    high: float


@dataclass
class Result:
    """What a row came to. Times are seconds of a call, one of each round."""

    row: Row
    ours: list[float] = field(default_factory=list)
    peers: dict[str, list[float]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    limit: Limit | None = None
    failure: str = ""
    neighbours: Neighbours = field(default_factory=Neighbours)

    @property
    def best(self) -> Ratio | None:
        """Against the fastest peer, recorded ones included."""
        times = self.peers | {
            name: [seconds] * len(self.ours) for name, seconds in self.row.recorded.items()
        }
        if not self.ours or not times:
            return None
        peer = min(times, key=lambda name: median(times[name]))
        paired = [theirs / ours for theirs, ours in zip(times[peer], self.ours)]
        low, _, high = quantiles(paired, n=4, method="inclusive") if len(paired) > 1 else paired * 3
        return Ratio(peer, median(paired), low, high)

    @property
    def limit_share(self) -> float | None:
        """The least time that the machine needs, over ours."""
        if self.limit is None or not self.ours:
            return None
        return self.limit.least / median(self.ours)

    @property
    def is_met(self) -> bool | None:
        """Whether all that is asked of the row is reached; None where it cannot be told."""
        best, share = self.best, self.limit_share
        verdicts = []
        if self.row.goal is not None and best is not None:
            verdicts.append(self.row.goal.is_met(best.middle))
        if self.row.limit_goal and share is not None:
            verdicts.append(share >= self.row.limit_goal)
        return all(verdicts) if verdicts else None


def measure(
    row: Row, entrants: Entrants, rounds: int, seconds: float, tell: Callable[[str], None]
) -> Result:
    """Measure a row in rounds of one measurement of each; `tell` shows where it stands."""
    result = Result(row)
    tell("preparing " + CONTESTANTS[row.ours].title)
    try:
        ours = entrants.prepared(row.ours, row)
    except WorkerError as error:
        result.failure = str(error)
        return result
    peers = _prepared_peers(row, entrants, result, tell)
    limits = _prepared_limits(row, entrants, result)
    limit_times: dict[str, list[float]] = {name: [] for name in limits}
    for turn in range(rounds):
        tell(f"round {turn + 1} of {rounds}")
        try:
            result.ours.append(ours.measure(seconds, result.neighbours))
        except WorkerError as error:
            entrants.forget(row.ours)
            result.ours, result.failure = [], str(error)
            return result
        for name in list(peers):
            try:
                time = peers[name].measure(seconds, result.neighbours)
                result.peers.setdefault(name, []).append(time)
            except WorkerError as error:
                entrants.forget(name)
                result.reasons[name] = str(error)
                result.peers.pop(name, None)
                del peers[name]
        for name, (worker, amount, _) in limits.items():
            limit_times[name].append(worker.least(min(seconds, 0.05)) / amount)
    result.limit = _limit(row, limits, limit_times)
    return result


def _prepared_peers(
    row: Row, entrants: Entrants, result: Result, tell: Callable[[str], None]
) -> dict[str, Worker]:
    peers = {}
    for name in row.peers:
        tell("preparing " + CONTESTANTS[name].title)
        try:
            peers[name] = entrants.prepared(name, row)
        except WorkerError as error:
            result.reasons[name] = str(error)
    return peers


Limits = dict[str, tuple[Worker, float, float]]


def _prepared_limits(row: Row, entrants: Entrants, result: Result) -> Limits:
    """By name: the worker, what a call of it works through, and what a call of the row does."""
    limits: Limits = {}
    threads = row.limit_threads or row.threads
    wanted = {"limit-flops": ("flops", row.flops), "limit-memory": (row.moves, row.bytes)}
    for name, (mode, amount) in wanted.items():
        try:
            worker = entrants.worker(name)
            said = worker.ask("prepare", mode=mode, threads=threads, bytes=int(row.bytes))
            limits[name] = (worker, float(said["amount"]), amount)
        except WorkerError as error:
            result.reasons[name] = str(error)
    return limits


def _limit(row: Row, limits: Limits, times: dict[str, list[float]]) -> Limit | None:
    """The one of arithmetic and memory that takes longer."""
    kinds = {"limit-flops": "arithmetic", "limit-memory": "memory"}
    found = [
        Limit([amount * one for one in times[name]], kinds[name])
        for name, (_, _, amount) in limits.items()
    ]
    return max(found, key=lambda limit: limit.least) if found else None

"""The tables of a run: for the terminal, as Markdown, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median
from typing import Any

from contestants import CONTESTANTS
from process_rows import ProcessResult
from rounds import Ratio, Result
from rows import Goal

Cells = Sequence[str]

HEADINGS = (
    "row", "swiftnn", "peers, best first", "speed over the best peer's (middle half of the rounds)",
    "share of the limit", "asked", "met",
)  # fmt: skip
LEAST_TOLD_SHARE = 0.1
# CPUs; a quiet machine has some percent.
LEAST_TOLD_NEIGHBOURS = 0.1
PROCESS_HEADINGS = ("what", "swiftnn", "others", "asked", "met")


def number(value: float) -> str:
    """With three digits that mean something: 0.0123, 12.3, 12,300."""
    digits = 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"


def row_cells(result: Result) -> Cells:
    """A row of the table."""
    row, best, share = result.row, result.best, result.limit_share
    if not result.ours:
        return (row.name, "–", "–", "–", "–", asked(result), f"cannot run: {result.failure}")
    ratio = _ratio(row.goal, best) if best is not None else "–"
    limit = "–"
    # A row that is far from it is bound by something else, which the share does not tell.
    if share is not None and result.limit is not None and share >= LEAST_TOLD_SHARE:
        limit = f"{100 * share:.0f} % of {result.limit.kind}"
    ours = f"{number(row.value(median(result.ours)))} {row.unit}"
    return (row.name, ours, _peers(result), ratio, limit, asked(result), row_verdict(result))


def _ratio(goal: Goal | None, best: Ratio) -> str:
    """Our speed over the peer's; where a time is asked for, our time over the peer's."""
    if goal is None or goal.time is None:
        return f"{best.middle:.2f} ({best.low:.2f}–{best.high:.2f})"
    return f"{1 / best.middle:.2f} × the time ({1 / best.high:.2f}–{1 / best.low:.2f})"


def asked(result: Result) -> str:
    """What the row should reach."""
    parts = [str(result.row.goal)] if result.row.goal else []
    if result.row.limit_goal:
        parts.append(f"{100 * result.row.limit_goal:.0f} % of the limit")
    return ", ".join(parts) or "–"


def row_verdict(result: Result) -> str:
    """Whether what is asked is reached, against whom it was not tried, and who disturbed it."""
    missing = [name for name in result.row.peers if name not in result.peers]
    said = verdict(result.is_met)
    if said != "–" and missing:
        said += f", without {', '.join(CONTESTANTS[name].title for name in missing)}"
    if result.neighbours.share > LEAST_TOLD_NEIGHBOURS:
        said += f", disturbed: others took {100 * result.neighbours.share:.0f} % of a CPU"
    return said


def verdict(is_met: bool | None) -> str:
    return "–" if is_met is None else "yes" if is_met else "NO"


def _peers(result: Result) -> str:
    times = {CONTESTANTS[name].title: median(t) for name, t in result.peers.items()}
    times |= result.row.recorded
    ranked = sorted(times, key=lambda name: times[name])
    return "; ".join(f"{name} {number(result.row.value(times[name]))}" for name in ranked) or "–"


def process_cells(result: ProcessResult) -> Cells:
    """A row of the table of processes."""
    if result.ours is None:
        return (result.name, "–", "–", "–", f"cannot run: {result.failure}")
    others = "; ".join(f"{name} {number(value)}" for name, value in result.others.items())
    ours = f"{number(result.ours)} {result.unit}"
    return (result.name, ours, others or "–", result.asked or "–", verdict(result.is_met))


def absent(results: Sequence[Result]) -> list[str]:
    """Who did not take part, and why: once for each reason."""
    rows: dict[tuple[str, str], list[str]] = {}
    for result in results:
        for name, reason in result.reasons.items():
            rows.setdefault((CONTESTANTS[name].title, reason), []).append(result.row.name)
    return [
        f"{title} is not in {names[0] if len(names) == 1 else f'{len(names)} rows'}: {reason}"
        for (title, reason), names in rows.items()
    ]


def plain(headings: Cells, table: Sequence[Cells]) -> str:
    """For the terminal: each row as a line, its peers on a line below it."""
    wide = [i for i, heading in enumerate(headings) if heading.startswith(("peers", "others"))]
    narrow = [i for i in range(len(headings)) if i not in wide]
    widths = {i: max(len(cells[i]) for cells in (headings, *table)) for i in narrow[:-1]}
    lines = []
    for cells in (headings, *table):
        lines.append("  ".join([*(cells[i].ljust(widths[i]) for i in narrow[:-1]), cells[-1]]))
        lines += [f"    {cells[i]}" for i in wide if cells is not headings and cells[i] != "–"]
    return "\n".join(lines)


def markdown(headings: Cells, table: Sequence[Cells]) -> str:
    """As a table of Markdown."""
    lines = [headings, ["---"] * len(headings), *table]
    escaped = ([cell.replace("|", "/") for cell in cells] for cells in lines)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in escaped)


def text(
    facts: Mapping[str, str], results: Sequence[Result], processes: Sequence[ProcessResult]
) -> str:
    """The whole run for the terminal."""
    parts = []
    if results:
        parts.append(plain(HEADINGS, [row_cells(result) for result in results]))
    if processes:
        parts.append(plain(PROCESS_HEADINGS, [process_cells(result) for result in processes]))
    parts.append("\n".join(f"{name}: {value}" for name, value in facts.items()))
    if missing := absent(results):
        parts.append("\n".join(missing))
    return "\n\n".join(parts) + "\n"


def page(
    facts: Mapping[str, str], results: Sequence[Result], processes: Sequence[ProcessResult]
) -> str:
    """The whole run as Markdown."""
    parts = ["\n".join(f"- {name}: {value}" for name, value in facts.items())]
    if results:
        parts.append(markdown(HEADINGS, [row_cells(result) for result in results]))
    if processes:
        parts.append(markdown(PROCESS_HEADINGS, [process_cells(result) for result in processes]))
    if missing := absent(results):
        parts.append("\n".join(f"- {line}" for line in missing))
    return "\n\n".join(parts) + "\n"


def record(
    facts: Mapping[str, str], results: Sequence[Result], processes: Sequence[ProcessResult]
) -> str:
    """Every measurement as JSON, for programs."""
    rows: list[dict[str, Any]] = [
        {
            "name": result.row.name, "unit": result.row.unit, "amount": result.row.amount,
            "ours": result.ours, "peers": result.peers, "recorded": dict(result.row.recorded),
            "limit": asdict(result.limit) if result.limit else None, "reasons": result.reasons,
            "failure": result.failure, "ratio": asdict(result.best) if result.best else None,
            "limit_share": result.limit_share, "neighbours": result.neighbours.share,
            "asked": asked(result), "is_met": result.is_met,
        }
        for result in results
    ]  # fmt: skip
    whole = {"facts": dict(facts), "rows": rows, "processes": [asdict(p) for p in processes]}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"

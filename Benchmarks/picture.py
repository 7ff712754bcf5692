"""The ratios as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contestants import CONTESTANTS
from rounds import Result


def draw(results: Sequence[Result], path: Path) -> bool:
    """Bars of our speed over the best peer's, with the middle half of the rounds and what is
    asked. Whether it was drawn: that takes matplotlib."""
    measured = [(result, best) for result in results if (best := result.best)]
    try:
        import matplotlib

        matplotlib.use("agg")
        from matplotlib import pyplot
    except ImportError:
        return False
    if not measured:
        return False
    figure, axes = pyplot.subplots(figsize=(11, 1.2 + 0.32 * len(measured)))
    for place, (result, best) in enumerate(measured):
        color = {True: "tab:green", False: "tab:red", None: "tab:gray"}[result.is_met]
        spread = [[best.middle - best.low], [best.high - best.middle]]
        axes.barh(place, best.middle, xerr=spread, color=color, ecolor="0.3", capsize=2)
        goal = result.row.goal
        if goal is not None:
            least = goal.speed if goal.speed is not None else 1 / (goal.time or 1)
            axes.plot([least, least], [place - 0.4, place + 0.4], color="black")
        title = CONTESTANTS[best.peer].title if best.peer in CONTESTANTS else best.peer
        axes.text(best.high, place, f"  {best.middle:.2f} × {title}", va="center", fontsize=8)
    axes.axvline(1, color="0.6", linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(measured)), [result.row.name for result, _ in measured], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("speed of swiftnn over that of the best peer; black lines: what is asked")
    axes.margins(x=0.2)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
    return True

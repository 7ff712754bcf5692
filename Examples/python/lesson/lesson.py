"""What the pages of the lesson have in common.

Each page is a program: it trains something, draws what it saw into a PNG, and says what was shown
with the numbers that it measured. It fails when a claim does not hold.

    python 1_line.py [--small] [--pictures FOLDER]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import swiftnn  # noqa: E402


class Page:
    """A page of the lesson: its options, its claims and its picture."""

    def __init__(self, title: str) -> None:
        arguments = argparse.ArgumentParser(description=title)
        arguments.add_argument("--small", action="store_true", help="a short form, for tests")
        arguments.add_argument("--pictures", type=Path, default=Path("pictures"))
        options = arguments.parse_args()
        self.is_small: bool = options.small
        self.folder: Path = options.pictures
        self.failures = 0
        print(f"{title}\n")
        swiftnn.set_random_seed(1)

    def say(self, text: str) -> None:
        print(text)

    def claim(self, text: str, holds: bool) -> None:
        """Say what was shown; the page fails at its end when it was not."""
        print(("shown: " if holds else "NOT SHOWN: ") + text)
        self.failures += not holds

    def picture(self, figure: plt.Figure) -> None:
        """Save the page's picture under the name of its program."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / (Path(sys.argv[0]).stem + ".png")
        figure.tight_layout()
        figure.savefig(path, dpi=110)
        print(f"picture: {path}")

    def end(self) -> None:
        sys.exit(1 if self.failures else 0)

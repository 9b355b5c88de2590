"""README's picture and the numbers beside it: the first screen of the default study's page.

``python -m tests.pictures --database URL`` draws the page of a database that holds the finished
study, photographs its first screen, and keeps what it says, which a test of the documents compares
with what the README says.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import sweep
from dashboards.gather.frames import Frames
from dashboards.gather.outcome import Outcome
from dashboards.pages.render import render_study
from dashboards.pages.report import gather, write_page
from dashboards.sections.headline import headline
from tests.support.pages import chromium

ROOT = Path(__file__).parent.parent
STUDY = "mnist1d"
PICTURE = ROOT / ".github" / "main-figure.png"
NUMBERS = ROOT / ".github" / "main-figure.json"
WIDTH, HEIGHT, SCALE = 1200, 800, 1.5


def numbers_of(frames: Frames) -> Mapping[str, Any]:
    """What the picture says: its headline, and the sentence of each path by the objective."""
    sentences = {
        penalty: str(boundary["sentence"])
        for penalty in frames.paths
        if (boundary := frames.boundary(penalty)) is not None
    }
    return {"headline": headline(Outcome(frames)), "sentences": sentences}


def photograph(page: Path, picture: Path) -> None:
    """Writes the first screen of a page as a picture."""
    for browser in chromium():
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=SCALE
        )
        opened = context.new_page()
        opened.goto(page.as_uri())
        opened.screenshot(path=str(picture))


def main() -> None:
    """Draws the picture and keeps its numbers."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--database", default="sqlite:///sweep.db")
    with closing(sweep.open_store(parser.parse_args().database)) as store:
        frames = gather(store, STUDY)
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / f"{STUDY}.html"
        write_page(page, render_study(frames))
        photograph(page, PICTURE)
    NUMBERS.write_text(json.dumps(numbers_of(frames), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

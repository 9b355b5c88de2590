"""Pages of a report: read as HTML, and opened in a real browser from the disk."""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import HANG_SECONDS

CHROMIUM = next(
    (p for p in ("/usr/bin/chromium", shutil.which("chromium"), shutil.which("google-chrome"))
     if p and os.path.exists(p)),
    None,
)  # fmt: skip
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EVIL = "</script><b onmouseover=alert(1)>\"q\" & 'r'</b>"
"""A study's name that would run if it were not escaped."""
DRAWN = """() => {
  const waiting = [...document.querySelectorAll('.chart:not([data-drawn])')];
  const left = waiting.filter(chart => chart.offsetParent);
  left[0]?.scrollIntoView();
  return left.length === 0;
}"""
"""Charts are drawn when they are scrolled to."""
UNFOLD = "document.querySelectorAll('details.fold').forEach(fold => { fold.open = true; })"
OVERLAPS = """() => {
  const found = [];
  for (const chart of document.querySelectorAll('.chart')) {
    const groups = [
      ['.annotation-text', '.annotation-text, .ytitle, .xtitle, .x2title'],
      ['.xtick text', '.xtick text, .xtitle, .legend text'],
      ['.ytick text', '.ytick text, .ytitle'],
      ['.legend text', '.legend text, .xtitle'],
    ];
    for (const [first, second] of groups) {
      for (const a of chart.querySelectorAll(first)) {
        for (const b of chart.querySelectorAll(second)) {
          if (a === b || !a.textContent.trim() || !b.textContent.trim()) continue;
          const p = a.getBoundingClientRect(), q = b.getBoundingClientRect();
          const x = Math.min(p.right, q.right) - Math.max(p.left, q.left);
          const y = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
          if (x > 1 && y > 3) found.push(`${chart.id}: ${a.textContent} / ${b.textContent}`);
        }
      }
    }
  }
  return found;
}"""


class Reader(HTMLParser):
    """Tags with their attributes, and the text of the body by the tag around it."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append((self.tags[-1][0], data.strip()))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def text_of(self, tag: str) -> list[str]:
        return [words for name, words in self.words if name == tag]


def page_data(text: str) -> Any:
    """The figures and tables that a page's script unpacks."""
    packed = text.split('id="page-data">')[1].split("</script>")[0]
    return json.loads(gzip.decompress(base64.b64decode(packed)))


def chromium() -> Iterator[Any]:
    """A started browser; the test is skipped where there is none."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: the report was not opened in a browser")
    api = pytest.importorskip("playwright.sync_api", reason="playwright drives the browser")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def wait_until(page: Any, condition: str) -> None:
    """Asks again and again from outside, since the page's policy forbids evaluating in it."""
    for _ in range(12_000):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {condition}")


def open_page(browser: Any, path: Path, width: int = 1200, scheme: str = "light") -> Any:
    """The page after its charts are drawn; ``page.heard`` holds requests, errors and dialogs."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
    )
    context.set_default_timeout(1000 * HANG_SECONDS)
    page = context.new_page()
    heard: dict[str, list[str]] = {"requests": [], "errors": []}
    page.on("request", lambda request: heard["requests"].append(request.url))
    page.on("pageerror", lambda error: heard["errors"].append(str(error)))
    page.on("console", lambda line: heard["errors"].append(line.text))
    page.on("dialog", lambda dialog: (heard["errors"].append("dialog"), dialog.dismiss()))
    page.heard = heard
    page.goto(path.as_uri())
    page.evaluate(UNFOLD)
    wait_until(page, DRAWN)
    return page

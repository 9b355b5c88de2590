"""The list of checks, how they are run one after the other, and the files that keep what came."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

NEEDS_CUDA = "needs cuda"
NO_TIME = "no time left"


class Skipped(Exception):
    """A check that this machine cannot do; its words say why."""


@dataclass
class Record:
    """One check and what became of it: passed, failed or skipped."""

    part: str
    name: str
    state: str
    seconds: float
    note: str = ""
    traceback: str = ""


@dataclass
class Place:
    """Where checks run, and what they leave behind."""

    device: torch.device
    out: Path
    short: bool = False
    machine: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    deadline: float = float("inf")
    """By ``time.monotonic``; checks that would begin later are skipped."""

    @property
    def cuda(self) -> bool:
        return self.device.type == "cuda"

    def need_cuda(self) -> None:
        if not self.cuda:
            raise Skipped(NEEDS_CUDA)

    def left(self) -> float:
        """Seconds that are left."""
        return self.deadline - time.monotonic()

    def note(self, name: str, value: Any) -> None:
        """Keeps a figure, on disk too."""
        self.figures[name] = value
        self.flush()

    def flush(self) -> None:
        """Writes everything known so far; each file is replaced as a whole."""
        content = {
            "machine": self.machine,
            "versions": self.versions,
            "checks": [asdict(record) for record in self.records],
            "figures": self.figures,
        }
        _replace(self.out / "gpu.json", json.dumps(content, indent=1) + "\n")
        _replace(self.out / "gpu.md", markdown(self))


Do = Callable[[Place], None]


@dataclass(frozen=True)
class Check:
    """A claim, the part of the kit that it belongs to, and the function that tries it."""

    part: str
    name: str
    do: Do


def run_all(place: Place, checks: Iterable[Check]) -> bool:
    """Runs every check, also after one has failed; whether none failed."""
    place.flush()
    for check in checks:
        record = _run(place, check)
        place.records.append(record)
        place.flush()
        said = f" ({record.note})" if record.note else ""
        print(
            f"{record.state:8}{record.seconds:7.1f} s  {check.part}: {check.name}{said}"[:200],
            flush=True,
        )
    return all(record.state != "failed" for record in place.records)


def _run(place: Place, check: Check) -> Record:
    """One check with its time; what it raises is kept."""
    record, start = Record(check.part, check.name, "passed", 0.0), time.perf_counter()
    if place.left() <= 0:
        record.state, record.note = "skipped", NO_TIME
        return record
    try:
        check.do(place)
        if place.cuda:
            torch.cuda.synchronize()
    except Skipped as reason:
        record.state, record.note = "skipped", str(reason)
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        record.state, record.note = "failed", f"{type(error).__name__}: {lines[0]}"[:200]
        record.traceback = traceback.format_exc()
    record.seconds = round(time.perf_counter() - start, 3)
    return record


def _replace(path: Path, text: str) -> None:
    beside = path.with_suffix(path.suffix + ".new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


# ---- the page ----------------------------------------------------------------------------------


def markdown(place: Place) -> str:
    """Everything as a page: machine, checks, figures, and the tracebacks at the end."""
    lines = ["# What this machine's device does", ""]
    facts = {**place.machine, **place.versions}
    lines += _table(("what", "is"), [(name, value) for name, value in facts.items()])
    lines += ["", "## Checks", ""]
    rows = [(r.part, r.name, r.state, f"{r.seconds:.1f}", r.note) for r in place.records]
    lines += _table(("part", "check", "state", "seconds", "note"), rows)
    lines += ["", "## Figures", ""]
    for name, value in place.figures.items():
        lines += _figure(name, value)
    for record in place.records:
        if record.traceback:
            lines += ["", f"### {record.part}: {record.name}", "", "```"]
            lines += [record.traceback.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def _figure(name: str, value: Any) -> list[str]:
    """A number on a line, a list of rows as a table."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        head = tuple(dict.fromkeys(key for row in value for key in row))
        rows = [tuple(_short(row.get(key, "")) for key in head) for row in value]
        return ["", f"### {name}", "", *_table(head, rows), ""]
    if isinstance(value, dict):
        return ["", f"### {name}", "", *_table(("what", "is"), list(value.items())), ""]
    return [f"- {name}: {_short(value)}"]


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    for row in rows:
        cells = (_short(cell).replace("|", "/").replace("\n", " ") for cell in row)
        lines.append("| " + " | ".join(cells) + " |")
    return lines

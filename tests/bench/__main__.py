"""``python -m tests.bench``: measures, and writes what it found as it goes.

Results stand in OUT/bench.json after every section, from which OUT/bench.md and OUT/bench.html are
made; sections that are not measured again keep their numbers and date.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import results
from tests.bench.workloads import WORKLOADS

WHOLE = ("study", "runs", "overhead")
SECTIONS = (*WORKLOADS, *WHOLE)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--only",
        metavar="NAME,...",
        default=",".join(SECTIONS),
        help=f"sections to measure: {', '.join(SECTIONS)}; default: all",
    )
    parser.add_argument("--turns", type=int, default=3, help="turns of every side; default: 3")
    parser.add_argument("--out", default="reports", metavar="DIR", help="default: reports")
    options = parser.parse_args()
    wanted = options.only.split(",")
    if unknown := [name for name in wanted if name not in SECTIONS]:
        print(
            f"--only: sections must be among {', '.join(SECTIONS)}, found {unknown[0]!r}; "
            "correct it",
            file=sys.stderr,
        )
        return 2
    if options.turns < 1:
        print(f"--turns: at least 1 must be given, found {options.turns}", file=sys.stderr)
        return 2
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "bench.json"
    found = results.load(path)
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        for name in SECTIONS:
            if name in wanted:
                start = time.perf_counter()
                print(f"{name} ...", flush=True)
                measure(name, Path(scratch), options.turns, found)
                found["about"] = results.about()
                found["targets"] = results.targets(found)
                results.save(path, found)
                write_pages(found, out)
                print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    print((out / "bench.md").read_text(encoding="utf-8"))
    print(out / "bench.html")
    return 0


def measure(name: str, folder: Path, turns: int, found: dict[str, Any]) -> None:
    """Measures one section and puts it in its place."""
    if name in WORKLOADS:
        from tests.bench.compare import compare

        compared = found.setdefault("compare", {})
        compared[name] = compare(WORKLOADS[name], folder, turns) | {"date": results.about()["date"]}
        return
    from tests.bench import whole

    sections: dict[str, Callable[[], Any]] = {
        "study": lambda: whole.time_to_boundaries(folder, max(1, turns - 1)),
        "runs": lambda: whole.cost_per_run(folder, turns),
        "overhead": lambda: whole.overhead(folder),
    }
    found[name] = sections[name]()


def write_pages(found: dict[str, Any], out: Path) -> None:
    """The Markdown table and the page, from what is there so far."""
    from dashboards.speed import write_speed

    write_speed(found, out)


if __name__ == "__main__":
    sys.exit(main())

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
from tests.bench.report import write_speed
from tests.bench.workloads import WORKLOADS

WHOLE = ("steps", "study", "runs", "overhead", "launches")
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
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as scratch:
        for name in SECTIONS:
            if name in wanted:
                start = time.perf_counter()
                print(f"{name} ...", flush=True)
                part = measure(name, Path(scratch), options.turns)
                found = results.add(path, name, part)
                write_speed(found, out)
                print(f"{name}: {time.perf_counter() - start:.0f} s", flush=True)
    print((out / "bench.md").read_text(encoding="utf-8"))
    print(out / "bench.html")
    return 0


def measure(name: str, folder: Path, turns: int) -> Any:
    """What was measured of one section."""
    if name in WORKLOADS:
        from tests.bench.compare import compare

        return compare(WORKLOADS[name], folder, turns)
    from tests.bench import launches, steps, whole

    sections: dict[str, Callable[[], Any]] = {
        "steps": lambda: steps.cost_of_steps(folder, turns),
        "study": lambda: whole.time_to_boundaries(folder, turns),
        "runs": lambda: whole.cost_per_run(folder, turns),
        "overhead": lambda: whole.overhead(folder),
        "launches": lambda: launches.twenty_launches(turns),
    }
    return sections[name]()


if __name__ == "__main__":
    sys.exit(main())

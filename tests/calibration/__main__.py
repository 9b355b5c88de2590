"""Simulates every design in a few processes and writes the tables."""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.calibration.designs import controls, designs, shortcuts
from tests.calibration.run import Hits, Tally, check, run
from tests.calibration.table import full_table, put_between_markers, short_table


def count(index: int, n_studies: int) -> Tally:
    return run((designs() + shortcuts())[index], n_studies)


def hit(index: int, n_studies: int) -> Hits:
    return check(controls()[index], n_studies)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.calibration", description=__doc__)
    parser.add_argument("--studies", type=int, default=400, help="studies a row (400)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", default="", help="designs and controls with this in their name")
    parser.add_argument("--out", type=Path, help="file for the whole table")
    parser.add_argument("--readme", type=Path, help="file whose marked part is replaced")
    given = parser.parse_args()
    start = time.perf_counter()
    wanted = [
        i for i, d in enumerate(designs() + shortcuts()) if given.only in f"{d.part} {d.name}"
    ]
    held = [i for i, control in enumerate(controls()) if given.only in f"control {control.name}"]
    with ProcessPoolExecutor(given.processes) as pool:
        counts = [pool.submit(count, index, given.studies) for index in wanted]
        checks = [pool.submit(hit, index, given.studies) for index in held]
        lines: list[Tally] = []
        for future in counts:
            lines.append(future.result())
            done = lines[-1]
            print(done.part, done.name, done.n_resamples, done.coverage, flush=True)
        hits = [future.result() for future in checks]
    table = full_table(lines, hits, time.perf_counter() - start)
    print(table)
    if given.out:
        given.out.write_text(table, encoding="utf-8")
    if given.readme:
        put_between_markers(given.readme, short_table(lines, hits))


if __name__ == "__main__":
    main()

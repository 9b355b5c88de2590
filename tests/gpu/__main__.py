"""The command: ``python -m tests.gpu --out DIR [--device cpu] [--short] [--only part,part]``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sweep.runtime.device import resolve_device
from sweep.runtime.torch_state import limited_threads
from tests.gpu import devices, machine
from tests.gpu.bench import bench_checks
from tests.gpu.kit import Check, Place, run_all
from tests.gpu.neighbours import neighbour_checks
from tests.gpu.parity import parity_checks
from tests.gpu.profiling import profile_checks
from tests.gpu.studies import study_checks

MINUTES = 9.0


def all_checks(short: bool) -> list[Check]:
    """Every check in the order in which they run: claims, then figures."""
    claims = [*devices.CHECKS, *parity_checks(short), *neighbour_checks(short)]
    figures = [*machine.CHECKS, *bench_checks(short), *profile_checks(short)]
    return [*claims, *study_checks(short), *figures]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the kit; 1 if a check failed."""
    checks = all_checks(False)
    parts = tuple(dict.fromkeys(check.part for check in checks))
    parser = argparse.ArgumentParser(prog="python -m tests.gpu", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for gpu.md and gpu.json")
    parser.add_argument("--device", default="cuda", help="cuda (default), cuda:N or cpu")
    parser.add_argument("--short", action="store_true", help="fewer and smaller checks")
    parser.add_argument("--only", default="", help=f"some of {','.join(parts)}")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="no check begins later")
    given = parser.parse_args(arguments)
    wanted = tuple(part for part in given.only.split(",") if part) or parts
    if unknown := set(wanted) - set(parts):
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "profile.txt").unlink(missing_ok=True)
    place = Place(resolve_device(given.device), given.out, given.short)
    place.deadline = time.monotonic() + 60 * given.minutes
    place.machine, place.versions = machine.machine(place.device), machine.versions()
    chosen = [check for check in all_checks(given.short) if check.part in wanted]
    with limited_threads(1):
        return 0 if run_all(place, chosen) else 1


if __name__ == "__main__":
    sys.exit(main())

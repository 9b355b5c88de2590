"""The results of a bench: one JSON file that grows as sections end, and the targets beside it."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from tests.bench.workloads import WORKLOADS

PACKAGES = ("regsweep", "torch", "optuna", "ray", "numpy", "sqlalchemy")
ROOT = Path(__file__).parent.parent.parent

CHEAP = {"l1": "l1", "elastic_net": "elastic net", "cpr": "CPR", "max_norm": "max-norm"}
"""Titles of penalties that should cost little, by their names."""
DEAR = {"spectral": "spectral norm", "group_lasso": "group lasso", "orthogonal": "orthogonality"}
"""The same of those that may cost more."""
TARGETS = (
    ("digits: against the best lean loop", "at least", 5.0, "x"),
    ("MNIST-1D: against the best lean loop", "at least", 4.0, "x"),
    ("MNIST-5k: against the best lean loop", "at least", 1.8, "x"),
    ("CNN: against the best lean loop", "at least", 1.3, "x"),
    ("MNIST-1D: against Optuna with SQLite and a DataLoader", "at least", 10.0, "x"),
    ("MNIST-1D: against Ray Tune, its start left out", "at least", 20.0, "x"),
    ("MNIST-5k: share of the matrix-multiply peak", "at least", 0.55, "%"),
    ("MNIST-1D: share of the matrix-multiply peak", "at least", 0.35, "%"),
    ("whole study: against one trial at a time", "at least", 8.0, "x"),
    ("whole study: against a lean loop under Optuna in two processes", "at least", 4.0, "x"),
    ("default study: against a lean loop in one process", "at least", 8.0, "x"),
    ("default study: against a lean loop in two processes", "at least", 4.0, "x"),
    ("default study: share of all cores that it keeps busy", "at least", 0.95, "%"),
    ("default study: least throughput that a launch chose", "at least", 0.95, "%"),
    ("default study: asking, recording and reporting", "at most", 0.10, "%"),
    ("cost per run: 2,000 runs over 100", "at most", 1.15, "x"),
    ("a step with a cosine: against a constant rate", "at most", 1.05, "x"),
    ("a step with a cosine and clipping: against a constant rate", "at most", 1.05, "x"),
    ("Lion's step: against AdamW's", "at most", 1.15, "x"),
    ("Muon's step: against AdamW's", "at most", 3.0, "x"),
    ("Muon's step: against torch.optim.Muon in a lean loop", "at least", 3.0, "x"),
    *((f"a step with {name}: against decay", "at most", 1.15, "x") for name in CHEAP.values()),
    *((f"a step with {name}: against decay", "at most", 1.4, "x") for name in DEAR.values()),
)
"""What is wanted: words, direction, value and its unit, in the order of ``measured``."""


def about() -> dict[str, Any]:
    """Date, machine and versions."""
    # not at the top: a mistake on the command line is reported without loading torch
    from sweep.phases.facts import git_commit
    from sweep.runtime.device import processor_name

    return {
        "date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": processor_name(),
        "cpus": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": platform.platform(aliased=True, terse=True),
        "python": platform.python_version(),
        "versions": {package: _version(package) for package in PACKAGES},
        "commit": git_commit(ROOT),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def load(path: Path) -> dict[str, Any]:
    """What has been measured so far; nothing when the file is not there."""
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def save(path: Path, results: Mapping[str, Any]) -> None:
    """Writes the file whole or not at all."""
    from sweep.runtime.files import atomic_file  # here: the peers, which load this, know no engine

    with atomic_file(path) as partial:
        partial.write_text(json.dumps(results, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def add(path: Path, name: str, part: Any) -> dict[str, Any]:
    """Puts a section into the file with the date, the machine and the targets; returns it all."""
    found = load(path)
    now = about()
    if name in WORKLOADS:
        compared = found.get("compare", {}) | {name: {**part, "date": now["date"]}}
        found["compare"] = {key: compared[key] for key in WORKLOADS if key in compared}
    else:
        found[name] = part
    found["about"] = now
    found["targets"] = targets(found)
    save(path, found)
    return found


def best_lean(compared: Mapping[str, Any]) -> float:
    """The ratio to whichever form of the lean loop was quicker; nan if it was not measured."""
    ratios = [p["ratio"] for p in compared.get("peers", ()) if p["key"].startswith("lean")]
    return min(ratios, default=float("nan"))


def targets(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every target with what was measured, those without a measurement left out."""
    rows = []
    for (what, sense, wanted, unit), value in zip(TARGETS, measured(results), strict=True):
        if value == value:  # nan: not measured
            met = value >= wanted if sense == "at least" else value <= wanted
            rows.append(
                {"what": what, "sense": sense, "wanted": wanted, "unit": unit, "met": met}
                | {"measured": value}
            )
    return rows


def measured(results: Mapping[str, Any]) -> Iterator[float]:
    """The numbers that TARGETS speak of, in their order; nan where there is none."""
    nan = float("nan")
    compared = results.get("compare", {})
    for key in ("digits", "mnist1d", "mnist5k", "cnn"):
        yield best_lean(compared.get(key, {}))
    mnist1d = compared.get("mnist1d", {})
    loader = [p["ratio"] for p in mnist1d.get("peers", ()) if p["key"] == "loader"]
    yield loader[0] if loader else nan
    yield mnist1d.get("tune", {}).get("ratio", nan)
    for key in ("mnist5k", "mnist1d"):
        yield compared.get(key, {}).get("ours", {}).get("share_of_peak", nan)
    yield results.get("study", {}).get("ratio", nan)
    yield results.get("study", {}).get("ratio_written", nan)
    for name in ("ratio", "ratio_written", "occupancy"):
        yield results.get("overhead", {}).get(name, nan)
    yield results.get("launches", {}).get("least_share", nan)
    yield results.get("overhead", {}).get("share", nan)
    counts = results.get("runs", [])
    yield counts[-1]["cpu_seconds_per_run"] / counts[0]["cpu_seconds_per_run"] if counts else nan
    ratios = {row["key"]: row["ratio"] for row in results.get("steps", {}).get("rows", ())}
    for key in ("cosine", "clipped", "lion", "muon", "torch_muon", *CHEAP, *DEAR):
        yield ratios.get(key, nan)

"""The results of ``make bench`` as rows of tables and as sentences.

Parts that were not measured are left out; parts that could not be are named with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.gather.numbers import digits, percent

Results = Mapping[str, Any]


def speed_rows(results: Results) -> list[dict[str, str]]:
    """One row per workload: runs per second, ratios, share of the peak, memory; text."""
    return [_speed_row(compared) for compared in measured(results)]


def measured(results: Results) -> list[Results]:
    return [c for c in results.get("compare", {}).values() if not c.get("skipped")]


def peers_of(compared: Results) -> list[Results]:
    return [*compared["peers"], *([compared["tune"]] if compared.get("tune") else [])]


def _speed_row(compared: Results) -> dict[str, str]:
    ours, peers = compared["ours"], {p["key"]: p for p in compared["peers"]}
    lean = min((peers["lean"], peers["lean_pair"]), key=lambda p: float(p["ratio"]))
    tune = compared.get("tune", {})
    return {
        "workload": compared["title"],
        "runs per second": digits(1 / ours["seconds_per_run"]),
        "to the lean loop": times(lean["ratio"]),
        "to Optuna with a DataLoader": times(peers["loader"]["ratio"]),
        "to Ray Tune": times(tune["ratio"]) if tune else "–",
        "processors' seconds per run": _processors(ours),
        "lean loop's": _processors(lean),
        "share of the peak": percent(ours["share_of_peak"]),
        "memory, MB": digits(ours["memory_mb"]),
        "lean loop's, MB": digits(lean["memory_mb"]),
    }


def _processors(side: Mapping[str, Any]) -> str:
    """Seconds of processors per run, where they were measured."""
    return digits(side["cpu_per_run"]) if "cpu_per_run" in side else "–"


def times(ratio: float) -> str:
    return f"{digits(ratio)}×" if ratio < 10 else f"{ratio:.0f}×"


def side_rows(results: Results) -> list[dict[str, Any]]:
    """One row per workload and side: seconds per run, ratio and memory; numbers."""
    rows: list[dict[str, Any]] = []
    for compared in measured(results):
        ours = {"title": "stacked population", "ratio": 1.0, **compared["ours"]}
        for side in [ours, *peers_of(compared)]:
            rows.append(
                {
                    "workload": compared["title"],
                    "side": side["title"],
                    "runs per second": 1 / side["seconds_per_run"],
                    "seconds per run": side["seconds_per_run"],
                    "processors' seconds per run": side.get("cpu_per_run", float("nan")),
                    "times ours": side["ratio"],
                    "times ours, start included": side.get("ratio_cold", float("nan")),
                    "memory, MB": side["memory_mb"],
                }
            )
    return rows


def share_rows(results: Results) -> list[dict[str, Any]]:
    return [
        {
            "workload": c["title"],
            "operations per run": c["ours"]["flops_per_run"],
            "GFLOP/s": c["ours"]["gflops"],
            "peak, GFLOP/s": c["peak_gflops"],
            "share of the peak": c["ours"]["share_of_peak"],
        }
        for c in measured(results)
    ]


def step_rows(results: Results) -> list[dict[str, str]]:
    """One row per training: what a step of one run takes, and the ratio to another's; text."""
    rows = results.get("steps", {}).get("rows", ())
    titles = {row["key"]: row["title"] for row in rows}
    return [
        {
            "training": row["title"],
            "microseconds per run and step": digits(1e6 * row["seconds_per_step"]),
            "ratio": times(row["ratio"]),
            "to": titles[row["against"]],
        }
        for row in rows
    ]


def target_rows(results: Results) -> list[dict[str, str]]:
    """What was wanted and what was measured; text."""
    return [
        {
            "target": row["what"],
            "wanted": f"{row['sense']} {_value(row['wanted'], row['unit'])}",
            "measured": _value(row["measured"], row["unit"]),
            "met": "yes" if row["met"] else "no",
        }
        for row in results.get("targets", ())
    ]


def _value(value: float, unit: str) -> str:
    return percent(value) if unit == "%" else times(value)


def skipped(results: Results) -> list[str]:
    """What could not be measured, and why."""
    lines = []
    for compared in results.get("compare", {}).values():
        if compared.get("skipped"):
            lines.append(f"{compared['title']}: skipped, {compared['skipped']}")
        if compared.get("tune_skipped"):
            lines.append(f"{compared['title']}: Ray Tune skipped, {compared['tune_skipped']}")
    return lines


def notes(results: Results) -> list[str]:
    """The whole studies, in sentences."""
    notes = []
    if study := results.get("study"):
        left, right = study["widths"].values()
        notes.append(
            f"To both boundaries ({study['study']}; {study['runs']} runs): "
            f"{study['seconds']:.0f} s, one run at a time by a lean loop "
            f"{study['seconds_alone']:.0f} s, "
            f"{times(study['ratio'])}; {_width('overfitting ends', left)}, "
            f"{_width('underfitting starts', right)}."
        )
        if "seconds_one" in study:
            notes.append(
                f"With one slot, population = 1, it takes {study['seconds_one']:.0f} s "
                f"({times(study['seconds_one'] / study['seconds'])})."
            )
        if "seconds_written" in study:
            notes.append(
                f"It took {study['cpu']:.0f} s of processor time, {percent(study['occupancy'])} of "
                "all cores. As many runs of the lean loop under Optuna, in two processes that "
                f"share a SQLite file, would take {study['seconds_written']:.0f} s at the pace of "
                f"a few of them ({times(study['ratio_written'])}), without ladder and boundaries."
            )
    if launches := results.get("launches"):
        choices = ", ".join(
            f"{c['lanes']} populations of {c['width']} runs ({c['launches']} launches, "
            f"{percent(c['share_of_best'])} of the best throughput)"
            for c in launches["choices"]
        )
        notes.append(f"{launches['launches']} launches of the default study chose {choices}.")
    if counts := results.get("runs"):
        costs = ", ".join(
            f"{1e3 * row['seconds_per_run']:.1f} ms with {row['runs']} runs" for row in counts
        )
        notes.append(f"Cost per run of a linear model on 200 rows, whole study: {costs}.")
    if overhead := results.get("overhead"):
        parts = ", ".join(
            f"{name} {percent(s / overhead['seconds'])}" for name, s in overhead["parts"].items()
        )
        notes.append(
            f"The default study ({overhead['runs']} runs) took {overhead['seconds']:.0f} s with "
            f"its report, of which {parts}; some of it while other runs were training."
        )
        if "occupancy" in overhead:
            notes.append(f"Its training kept {percent(overhead['occupancy'])} of all cores busy.")
        if "ratio_written" in overhead:
            notes.append(
                f"Its {overhead['epochs']:,} epochs of runs would take a lean loop, each with "
                f"validation, {overhead['seconds_lean']:.0f} s in one process "
                f"({times(overhead['ratio'])}) and {overhead['seconds_written']:.0f} s in two "
                f"({times(overhead['ratio_written'])}) at the pace of a few, under decay and with "
                "trials asked in memory, without a ladder, a database and a report."
            )
    return notes


def _width(boundary: str, decades: float | None) -> str:
    if decades is None:
        return f"where {boundary} was not found"
    return f"where {boundary} is known to {digits(decades, 2)} decades"


def about_rows(results: Results) -> list[tuple[str, str]]:
    about = results.get("about", {})
    versions = ", ".join(f"{name} {v}" for name, v in about.get("versions", {}).items())
    peaks = [c["peak_gflops"] for c in measured(results)]
    rows = [
        ("measured", about.get("date", "")),
        ("machine", f"{about.get('processor')}, {about.get('cpus')} CPUs, "
                    f"{about.get('memory_gb')} GB, {about.get('system')}"),
        ("matrix-multiply peak", f"{max(peaks):.0f} GFLOP/s" if peaks else ""),
        ("versions", f"Python {about.get('python')}, {versions}"),
        ("git commit", about.get("commit", "")),
        ("other processes", _others(results)),
    ]  # fmt: skip
    return [(term, value) for term, value in rows if value]


def _others(results: Results) -> str:
    parts = [*measured(results), results.get("steps", {}), results.get("study", {})]
    shares = [part["others"] for part in parts if "others" in part]
    return f"at most {percent(max(shares))} of the machine's time" if shares else ""

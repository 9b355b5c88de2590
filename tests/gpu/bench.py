"""Runs each second on the device: ours against one loop, one graph, and many processes."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from tests.gpu import ours
from tests.gpu.kit import Check, Place
from tests.gpu.machine import limits
from tests.gpu.processes import Farm
from tests.gpu.sides import eager_rate, graph_rate, rows_of
from tests.gpu.workloads import WORKLOADS, Workload, work_of

SHORT_WIDTHS = (1, 4)
SATURATES = 0.95
"""The narrowest population with this share of the best throughput saturates the device."""


def row_of(place: Place, workload: Workload) -> dict[str, Any]:
    """What has been measured of a workload so far: a row of the table."""
    table: list[dict[str, Any]] = place.figures.setdefault("bench", [])
    for row in table:
        if row["workload"] == workload.key:
            return row
    table.append({"workload": workload.key})
    return table[-1]


def eager(workload: Workload, place: Place) -> None:
    """One lean loop on the device."""
    shop = workload.shop(place.device)
    rate, kind = eager_rate(shop, rows_of(shop), 0.2 if place.short else 2.0)
    row_of(place, workload).update({"eager": rate, "eager optimizer": kind})
    place.flush()


def graph(workload: Workload, place: Place) -> None:
    """One model as a CUDA graph."""
    place.need_cuda()
    shop = workload.shop(place.device)
    row_of(place, workload)["graph"] = graph_rate(shop, rows_of(shop), 1.0)
    place.flush()


def processes(place: Place) -> None:
    """Every workload in 1 to 16 processes, each with the faster of graph and loop."""
    place.need_cuda()
    with Farm(place.device) as farm:
        for workload in WORKLOADS:
            shop, found = workload.shop(place.device), row_of(place, workload)
            graphed = found.get("graph", 0.0) >= found.get("eager", 0.0)
            rates = farm.rates(shop.build(0), rows_of(shop), graphed, 0.8)
            best = max(rates, key=lambda n: rates[n])
            found["processes"], found["best number of processes"] = rates[best], best
            place.note(
                f"runs/s in processes, {workload.key}", {str(n): r for n, r in rates.items()}
            )


def population(workload: Workload, place: Place) -> None:
    """Our populations of every width, and how many times the other sides they give."""
    shop = workload.shop(place.device)
    work = work_of(shop)
    widths = SHORT_WIDTHS if place.short else ours.WIDTHS
    rows, why = ours.all_widths(shop, work, *limits(place), 1.0 if place.short else 25.0, widths)
    place.note(f"ours, {workload.key}", rows)
    best = max(rows, key=lambda row: row["runs/s"])
    enough = next(r for r in rows if r["runs/s"] >= SATURATES * best["runs/s"])
    found = row_of(place, workload)
    found |= {"ours": best["runs/s"], "best R": best["R"], "saturating R": enough["R"]}
    found |= {"ended because": why, "parameters": work.n_parameters}
    found["share of bandwidth"] = best["share of bandwidth"]
    found["share of peak"] = best["share of peak"]
    for side in ("eager", "graph", "processes"):
        if side in found:
            found[f"ours / {side}"] = best["runs/s"] / found[side]
    place.flush()
    if place.cuda:
        torch.cuda.empty_cache()


def bench_checks(short: bool) -> list[Check]:
    """The other sides first; processes end before our populations take the memory."""
    chosen = WORKLOADS[:1] if short else WORKLOADS
    parts = [("one loop", eager), ("one graph", graph)]
    sides = [Check("bench", f"{w.key}, {n}", partial(do, w)) for w in chosen for n, do in parts]
    mine = [Check("bench", f"{w.key}, ours", partial(population, w)) for w in chosen]
    return [*sides, Check("bench", "processes", processes), *mine]

"""What is particular to a device: its noise, its memory, low precision, and waiting for it."""

from __future__ import annotations

import warnings
from collections import Counter, deque
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import nn

from sweep.errors import HardwareError
from sweep.networks.counter_rng import CounterRNG, Keys, hash_bits, hashed_normal, step_keys
from sweep.networks.mlp import FusedMLP
from sweep.records.parameters import Shape
from sweep.runtime.device import resolve_dtypes
from sweep.training._graphs import WAITS
from sweep.training.jobs import Segment, SegmentResult
from sweep.training.pool import PopulationPool
from sweep.training.population import Population
from tests.gpu.kit import NEEDS_CUDA, Check, Place, Skipped
from tests.gpu.networks import (
    FEATURES,
    NETWORKS,
    RECORDED,
    TOLERANCE,
    far,
    one_of,
    rows,
    weights_of,
)
from tests.gpu.studies import small_study, train_whole
from tests.support.training import plan

MOST_SYNCS = 1
"""How often the host may wait for the device in an epoch."""
SPARE = 1.35
"""Times the memory that half of a population takes: what the whole of it gets."""
LOW_TOLERANCE = 0.05


def noise_is_the_cpus(place: Place) -> None:
    """Bits, normal numbers from the table and dropout masks are equal; Box-Muller's are close."""
    counters = np.arange(7) * 31
    keys = torch.from_numpy(step_keys([0, 1, 7, 2**31, 2**40 + 3, 5, 6], counters))
    there = keys.to(place.device)
    for call, n in ((0, 1), (0, 4099), (3, 65536)):
        assert torch.equal(hash_bits(there, call, n).cpu(), hash_bits(keys, call, n)), (call, n)
    for dtype in (torch.float32, torch.float64):
        shape = (7, 33, 5)
        mine, theirs = (hashed_normal(k, shape, dtype).cpu() for k in (there, keys))
        assert torch.equal(mine, theirs), dtype
        rates = torch.linspace(0.05, 0.95, 7)[:, None]
        for swept in (None, rates):
            masks = []
            for k in (there, keys):
                own = None if swept is None else swept.to(k.device)
                masks.append(CounterRNG(Keys(k, own)).keep(shape, dtype, 0.8).cpu())
            assert torch.equal(*masks), (dtype, swept)
    normal = [CounterRNG(Keys(k)).normal((7, 1001), torch.float64).cpu() for k in (there, keys)]
    torch.testing.assert_close(*normal, rtol=1e-9, atol=1e-9)


# ---- memory ------------------------------------------------------------------------------------


def _wide(seed: int) -> nn.Module:
    """Few weights and large activations, so that it is the epoch that runs out of memory."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(FEATURES, 2048), nn.ReLU(), nn.Linear(2048, 3)).double()


def _train_wide(place: Place, runs: list[Segment], width: int) -> tuple[list[SegmentResult], int]:
    training = plan("adam", epochs=2, batch=512)
    training = replace(training, steps_per_epoch=3, device=place.device)
    data = rows(n=1600)

    def make(n: int, shape: Shape) -> Population:
        return Population(training, n, _wide, lambda run, test: (0, data), FusedMLP)

    lanes = PopulationPool(make, 1, width, fixed=True)
    found = [o for outcomes in lanes.train(deque(runs)) for o in outcomes]
    return found, lanes.width


def memory_halves_the_width(place: Place) -> None:
    """Where half of the population fits, half is what goes on, with the numbers of narrow ones."""
    place.need_cuda()
    runs = [one_of(i, ("l2", "l1", "decay")[i % 3], ["0", "2"], 2) for i in range(64)]
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_reserved()
    narrow, _ = _train_wide(place, runs, 32)
    needed = torch.cuda.max_memory_reserved() - before
    expected = {o.segment.trial.number: weights_of(o) for o in narrow}
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(place.device).total_memory
    room = torch.cuda.memory_reserved(place.device) + SPARE * needed
    torch.cuda.set_per_process_memory_fraction(room / total)
    try:
        found, width = _train_wide(place, runs, 64)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
        torch.cuda.empty_cache()
    sizes = {"bytes for 32 runs": needed, "bytes given": int(SPARE * needed), "width": width}
    place.note("out of memory with 64 runs", sizes)
    assert sorted(o.segment.trial.number for o in found) == list(range(64))
    worst = max(far(weights_of(o), expected[o.segment.trial.number]) for o in found)
    assert worst <= TOLERANCE, f"{worst:.1e}"
    assert width == 32, f"64 runs did not fit and 32 do, but {width} go on"


# ---- low precision -----------------------------------------------------------------------------


def bfloat16_is_near(place: Place) -> None:
    """A study's runs in bfloat16 complete, with losses near those in float32."""
    try:
        resolve_dtypes("bfloat16", place.device)
    except HardwareError as error:
        raise Skipped(NEEDS_CUDA) from error
    epochs = 4 if place.short else 20
    losses = [
        train_whole(small_study(f"low-{kind}", kind, epochs), place.device)
        for kind in ("float32", "bfloat16")
    ]
    worst = float(np.max(np.abs(losses[1] / losses[0] - 1)))
    place.note("bfloat16's losses against float32's, worst relative difference", worst)
    assert worst <= LOW_TOLERANCE, f"{worst:.3f}"


# ---- waiting -----------------------------------------------------------------------------------


def few_waits(network: str, penalties: tuple[str, ...], place: Place) -> None:
    """An epoch makes the host wait for the device no more often than is stated."""
    place.need_cuda()
    kind, data = NETWORKS[network], rows()
    training = replace(plan("adam", epochs=50), device=place.device)
    width = len(penalties)
    population = Population(training, width, kind.build, lambda run, test: (0, data), kind.stack)
    for i, penalty in enumerate(penalties):
        population.admit(one_of(i, penalty, kind.layers, 50))
    for _ in range(2):
        population.train_epoch()
    torch.cuda.synchronize()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            population.train_epoch()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    waits = [w for w in caught if WAITS in str(w.message)]
    places = Counter(f"{w.filename.rsplit('/', 1)[-1]}:{w.lineno}" for w in waits)
    name = f"waits of an epoch, {network}, {len(penalties)} penalties"
    place.note(name, {"in all": len(waits), **dict(places.most_common(30))})
    assert len(waits) <= MOST_SYNCS, f"{len(waits)} waits in an epoch, at most {MOST_SYNCS}"


FEW_WAITS = {
    "of a chain without penalty": ("mlp as a chain", ("none",)),
    "of a chain with penalties": ("mlp as a chain", RECORDED),
    "by vmap with penalties": ("cnn", RECORDED),
}
CHECKS = [
    Check("noise", "the counter-based noise is the CPU's", noise_is_the_cpus),
    Check("memory", "out of memory halves the width", memory_halves_the_width),
    Check("bfloat16", "bfloat16 completes near float32", bfloat16_is_near),
    *(
        Check("waits", f"few in an epoch {name}", partial(few_waits, *of))
        for name, of in FEW_WAITS.items()
    ),
]

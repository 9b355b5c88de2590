"""Memory and speed of a population on two million rows of 100 numbers, in files and in memory.

Run as ``python -m tests.bench.stored_rows FOLDER [ROWS]``. In turns, each in a process of its own,
it sets a study up and trains a population for some epochs, from the cache and in memory. It prints
the peak of the memory that is the process's own (RssAnon of /proc/self/status: resident pages
without those of files, as the cache's are) and the steps a second, evaluation included.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

N_ROWS, N_FEATURES, SEED = 2_000_000, 100, 0
TURNS, EPOCHS, N_RUNS, MOST_STEPS = 2, 1, 4, 500


def make_table(path: Path, n_rows: int) -> None:
    """Writes the rows as Parquet, some at a time; two classes, by a linear rule with noise."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng, names = np.random.default_rng(SEED), [f"x{i}" for i in range(N_FEATURES)]
    schema = pa.schema([*((name, pa.float32()) for name in names), ("y", pa.int64())])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for start in range(0, n_rows, 50_000):
            x = rng.normal(size=(min(50_000, n_rows - start), N_FEATURES)).astype(np.float32)
            y = (x[:, 0] + x[:, 1] + rng.normal(size=len(x)) > 0).astype(np.int64)
            columns = [*(pa.array(x[:, i]) for i in range(N_FEATURES)), pa.array(y)]
            writer.write_table(pa.table(columns, schema=schema))


def own_bytes() -> int:
    """Resident memory of this process that is no page of a file."""
    found = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


class Peak:
    """The most own memory while a block runs, looked at every 20 ms."""

    def __enter__(self) -> Peak:
        self.most, self._end = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._end.wait(0.02):
            self.most = max(self.most, own_bytes())

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def study_of(path: Path, cache: str | None) -> Any:
    from sweep import Study

    data = {"name": "parquet", "path": str(path), "target": "y"}
    return Study(
        study={"name": "rows"},
        data=data | ({"cache": str(path.parent / cache)} if cache else {}),
        model={"hidden": [64]},
        training={"epochs": EPOCHS, "batch_size": 256},
        search={"penalties": ["l2"], "resamples": 2},
        path={"resamples": 2},
    )


def measure(path: Path, cached: str, most_steps: int = MOST_STEPS, turns: int = TURNS) -> None:
    """Set-up of a study and an epoch of a population in this process: peaks and rows a second."""
    from sweep.data import row_cache
    from sweep.launchers.context import TrainingContext

    if not cached:
        row_cache.LARGE = 2**62
    with Peak() as peak:
        start = time.perf_counter()
        context = TrainingContext(study_of(path, cached or None))
        print(f"{cached or 'memory'}: set up in {time.perf_counter() - start:.0f} s", flush=True)
        times = [_seconds(context, most_steps) for _ in range(turns)]
    steps = min(most_steps, context.plan.steps_per_epoch)
    rates = ", ".join(f"{steps / seconds:.1f}" for seconds in times)
    print(f"{cached or 'memory'}: peak {peak.most / 2**20:.0f} MiB; steps/s {rates}", flush=True)


def _seconds(context: Any, most_steps: int, n_runs: int = N_RUNS) -> float:
    """An epoch of some runs at once, and its evaluation."""
    from collections import deque

    from sweep.records.trial import Phase, Run, Trial
    from sweep.training.jobs import Segment

    trial = Trial(0, Phase.EXPLORE, 0, "l2", 0.0, dict.fromkeys(context.layers, 0.0), {})
    draw = context.draws[Phase.EXPLORE][0]
    runs = [Segment(Run(0, i, draw), trial, EPOCHS) for i in range(n_runs)]
    population = context.short_population(n_runs, True, most_steps)
    start = time.perf_counter()
    for _ in population.train(deque(runs)):
        pass
    return time.perf_counter() - start


def main(folder: Path, n_rows: int) -> None:
    path = folder / "rows.parquet"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        make_table(path, n_rows)
    for cached in ("cache", "", "cache", ""):
        code = (
            "from pathlib import Path; from tests.bench.stored_rows import measure; "
            f"measure(Path({str(path)!r}), {cached!r})"
        )
        subprocess.run([sys.executable, "-c", code], check=True, cwd=Path.cwd())


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else N_ROWS)

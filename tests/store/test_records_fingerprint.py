"""A study's fingerprint changes with what is recorded of it, and with nothing else."""

from __future__ import annotations

from pathlib import Path

import sweep
from sweep.store.records_fingerprint import records_fingerprint
from tests.support.report_frames import fill_store, make_study
from tests.support.stopped_store import first_trials, n_runs_of, stop_after


def test_a_fingerprint_follows_the_records_of_its_own_study(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/two.db"
    store = sweep.open_store(url)
    for name in ("one", "two"):
        fill_store(store, first_trials(name), make_study(name))
    whole, other = (records_fingerprint(store, name) for name in ("one", "two"))
    assert whole != other
    again = sweep.open_store(url)
    assert records_fingerprint(again, "one") == whole
    n_runs = n_runs_of(store, "one")
    seen = {whole}
    for n in (n_runs, n_runs - 1, 0):  # at first boundaries and the end alone
        stop_after(store, "one", n)
        seen.add(records_fingerprint(store, "one"))
    assert len(seen) == 4
    assert records_fingerprint(store, "two") == other
    store.close()
    again.close()

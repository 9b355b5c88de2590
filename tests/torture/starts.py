"""Many processes make one database at the same moment."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from sweep.errors import StoreError
from sweep.search.optuna_tables import OptunaTables
from sweep.store.store import open_store
from sweep.study.loading import parse_study
from tests.support.facts import make_facts

TEXT = '[study]\nname = "{}"\n[data]\nname = "digits"\n'
REFUSED = 2


def start_together(url: str, n: int, folder: Path) -> Counter[str]:
    """``n`` first launches at once, every second of the same study; how they ended.

    Each leaves a file in the empty ``folder`` when it has tried, and
    those that start a study hold it until all have.
    """
    there_read, there_write = os.pipe()
    gate_read, gate_write = os.pipe()
    done_read, done_write = os.pipe()
    children = []
    for i in range(n):
        child = os.fork()
        if not child:
            os.close(gate_write)
            os.close(done_write)
            os.write(there_write, b"1")
            _start(url, "same" if i % 2 else f"own{i}", gate_read, done_read, folder)
        children.append(child)
    os.close(gate_read)
    os.close(done_read)
    os.close(there_write)
    for _ in children:
        assert os.read(there_read, 1), "a launch ended before the gate was opened"
    os.close(there_read)
    os.close(gate_write)
    ends: Counter[str] = Counter()
    words = {0: "started", REFUSED: "refused"}
    while len(list(folder.iterdir())) < n:
        time.sleep(0.02)
    os.close(done_write)
    for child in children:
        _, status = os.waitpid(child, 0)
        ends[words.get(os.waitstatus_to_exitcode(status), "crashed")] += 1
    return ends


def _start(url: str, name: str, gate: int, done: int, folder: Path) -> None:
    code = 1
    os.read(gate, 1)
    store = open_store(url)
    try:
        store.start_study(name, "f" * 64, TEXT.format(name), make_facts())
        OptunaTables(store.database, parse_study(TEXT.format(name), Path(), name)).close()
        code = 0
    except StoreError as error:
        code = REFUSED if "one launch at a time" in str(error) else 1
        if code == 1:
            print(error, file=sys.stderr)
    except BaseException:
        traceback.print_exc(file=sys.stderr)
    (folder / str(os.getpid())).touch()
    os.read(done, 1)
    sys.stderr.flush()
    os._exit(code)

"""The kit for GPUs runs on a CPU, goes on after a failing check, and keeps what came."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
import torch

from tests.gpu.__main__ import all_checks, main
from tests.gpu.kit import NEEDS_CUDA, NO_TIME, Check, Place, Skipped, run_all
from tests.support.long_cases import long


@pytest.mark.parametrize("parts", ["noise,parity,waits,machine,profile", long("")])
def test_the_short_kit_passes_on_a_cpu_and_writes_everything(tmp_path: Path, parts: str) -> None:
    """Studies, neighbours and the bench have tests of their own, and are in the long one."""
    assert main(["--out", str(tmp_path), "--device", "cpu", "--short", "--only", parts]) == 0
    content = json.loads((tmp_path / "gpu.json").read_text())
    page = (tmp_path / "gpu.md").read_text()
    assert content["machine"]["device"] == "cpu"
    assert content["versions"]["torch"] == version("torch")
    wanted = [check for check in all_checks(short=True) if not parts or check.part in parts]
    expected = [(check.part, check.name) for check in wanted]
    assert [(c["part"], c["name"]) for c in content["checks"]] == expected
    for check in content["checks"]:
        skipped = check["state"] == "skipped" and check["note"] == NEEDS_CUDA
        assert check["state"] == "passed" or skipped, check
        assert f"| {check['part']} | {check['name']} | {check['state']} |" in page
    assert parts or content["figures"]["bench"][0]["ours / eager"] > 0
    assert "training steps" in (tmp_path / "profile.txt").read_text()


def test_a_failing_check_stops_nothing_and_keeps_its_traceback(tmp_path: Path) -> None:
    def fails(place: Place) -> None:
        raise ValueError("it | is so")

    def skips(place: Place) -> None:
        raise Skipped("no reason")

    def last(place: Place) -> None:
        states = [c["state"] for c in json.loads((tmp_path / "gpu.json").read_text())["checks"]]
        assert states == ["failed", "skipped"]
        place.deadline = 0.0

    place = Place(torch.device("cpu"), tmp_path)
    checks = [Check("part", do.__name__, do) for do in (fails, skips, last, fails)]
    assert not run_all(place, checks)
    content = json.loads((tmp_path / "gpu.json").read_text())
    assert [c["state"] for c in content["checks"]] == ["failed", "skipped", "passed", "skipped"]
    assert content["checks"][0]["note"] == "ValueError: it | is so"
    assert "in fails" in content["checks"][0]["traceback"]
    assert content["checks"][3]["note"] == NO_TIME
    assert "| ValueError: it / is so |" in (tmp_path / "gpu.md").read_text()

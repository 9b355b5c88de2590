"""What a guest changes for the whole process is put back, and a forward may change nothing."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.errors import DataError, ModelError
from sweep.launchers.context import TrainingContext
from sweep.runtime.host_state import TorchSettings, kept_settings
from sweep.runtime.torch_state import plain_defaults
from sweep.runtime.user_code import resolve_function
from tests.cli.test_app import call

CHANGES: dict[str, str] = {
    "default dtype": "torch.set_default_dtype(torch.float64)",
    "default device": "torch.set_default_device('meta')",
    "gradients": "torch.set_grad_enabled(False)",
    "deterministic": "torch.use_deterministic_algorithms(True)",
    "anomalies": "torch.autograd.set_detect_anomaly(True)",
    "threads": "torch.set_num_threads(torch.get_num_threads() + 1)",
    "matmul precision": "torch.set_float32_matmul_precision('medium')",
    "cudnn benchmark": "torch.backends.cudnn.benchmark = True",
    "cudnn deterministic": "torch.backends.cudnn.deterministic = True",
}
OTHERS = [
    "torch.manual_seed(7)",
    "np.random.seed(7)",
    "random.seed(7)",
    "np.seterr(all='raise')",
    "warnings.simplefilter('ignore')",
]
IMPORTS = "import random, warnings\nimport numpy as np\nimport torch\n"


def state() -> tuple[object, ...]:
    """All that ``OTHERS`` change."""
    return (
        torch.get_rng_state().sum().item(),
        np.random.get_state()[1].tolist(),  # type: ignore[index]  # noqa: NPY002
        random.getstate(),
        np.geterr(),
        list(warnings.filters),
    )


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
def test_what_a_file_chooses_at_its_top_is_put_back_after_its_import(tmp_path: Path) -> None:
    lines = [IMPORTS, *CHANGES.values(), *OTHERS, "def load(): return 1"]
    (tmp_path / "loud.py").write_text("\n".join(lines))
    before, others = TorchSettings.read(), state()
    load = resolve_function("loud.py:load", tmp_path, "data.name", DataError)
    assert load() == 1
    assert TorchSettings.read() == before
    assert state() == others


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.filterwarnings("ignore:Anomaly Detection")
def test_every_setting_is_put_back_and_named(name: str) -> None:
    before = TorchSettings.read()
    exec(CHANGES[name], {"torch": torch})
    try:
        assert TorchSettings.read() != before
    finally:
        assert before.restore() == [name]
    assert TorchSettings.read() == before
    assert before.restore() == []


def test_a_host_with_settings_of_its_own_gets_them_back() -> None:
    with kept_settings():
        torch.set_default_dtype(torch.float64)
        torch.set_default_device("meta")
        torch.set_grad_enabled(False)
        own = TorchSettings.read()
        with plain_defaults():
            made = nn.Linear(2, 2).weight
            assert (made.dtype, made.device.type) == (torch.float32, "cpu")
            assert torch.is_grad_enabled()
        assert TorchSettings.read() == own


class Meddling(nn.Module):
    """Changes a setting for all in its forward."""

    def __init__(self, change: str) -> None:
        super().__init__()
        self.change, self.layer = change, nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        y = self.layer(x)
        exec(self.change, {"torch": torch})
        return y  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["default dtype", "default device", "threads"])
def test_a_forward_that_changes_a_setting_is_refused_by_name(name: str) -> None:
    x = torch.randn(40, 4, generator=torch.Generator().manual_seed(0))
    study = sweep.Study(
        study={"name": "meddling"},
        data=(x, (x[:, 0] > 0).long()),
        model=make(CHANGES[name]),
        training={"epochs": 1},
        search={"penalties": ["l2"], "trials": 1},
        path={"points": 0},
    )
    before = TorchSettings.read()
    with plain_defaults(), pytest.raises(ModelError, match=f"found {name} changed in a forward"):
        TrainingContext(study)
    assert TorchSettings.read() == before


def make(change: str) -> Callable[[], nn.Module]:
    return lambda: Meddling(change)


FILE = """
import numpy as np, torch
from torch import nn
{change}
def load():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4)).astype(np.float32)
    return x, (x[:, 0] > 0).astype(int)
def build(n_outputs):
    return nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, n_outputs))
"""
STUDY = """
[study]
name = "s"
[data]
name = "loud.py:load"
[model]
name = "loud.py:build"
[training]
epochs = 1
[search]
penalties = ["l2"]
trials = 2
[path]
points = 0
"""


@pytest.mark.parametrize("name", ["default device", "gradients"])
def test_check_and_run_agree_on_a_file_that_changes_a_setting(name: str, tmp_path: Path) -> None:
    """Of the network and of the data at once, which are in one file as scripts have them."""
    (tmp_path / "loud.py").write_text(FILE.format(change=CHANGES[name]))
    (tmp_path / "s.toml").write_text(STUDY)
    before = TorchSettings.read()
    for command in (["check"], ["run", "--database", f"sqlite:///{tmp_path}/s.db"]):
        done = call(*command, str(tmp_path / "s.toml"))
        assert done.returncode == 0, done.stderr
        assert TorchSettings.read() == before

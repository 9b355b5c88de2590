"""Scale-invariant weights: the gradient identity against multiplying by a number."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import sweep
from dashboards.gather.frames import Frames
from sweep.cli.app import check
from sweep.inspection._scale_invariance import scale_invariant
from sweep.metrics.class_losses import CrossEntropy
from sweep.metrics.number_losses import SquaredError
from sweep.networks.selection import layer_name, penalized_parameters
from tests.support.report_frames import make_small_frames, make_study
from tests.support.report_parts import find_caveats


def flat(*layers: nn.Module) -> nn.Module:
    return nn.Sequential(*layers, nn.ReLU(), nn.Linear(8, 3))


def wide(*layers: nn.Module, width: int = 16) -> nn.Module:
    return nn.Sequential(nn.Unflatten(1, (1, 6)), *layers, nn.Flatten(), nn.Linear(width, 3))


Made = Callable[[], nn.Module]
CASES: dict[str, tuple[Made, dict[str, str]]] = {
    "linear, batch norm": (lambda: flat(nn.Linear(6, 8), nn.BatchNorm1d(8)), {"0": "unit"}),
    "linear, relu, batch norm": (lambda: flat(nn.Linear(6, 8), nn.ReLU(), nn.BatchNorm1d(8)), {}),
    "linear without bias, relu, batch norm": (
        lambda: flat(nn.Linear(6, 8, bias=False), nn.ReLU(), nn.BatchNorm1d(8)),
        {"0": "unit"},
    ),
    "linear without bias, tanh, batch norm": (
        lambda: flat(nn.Linear(6, 8, bias=False), nn.Tanh(), nn.BatchNorm1d(8)),
        {},
    ),
    "linear, linear, batch norm": (
        lambda: flat(nn.Linear(6, 8), nn.Linear(8, 8), nn.BatchNorm1d(8)),
        {"0": "layer", "1": "unit"},
    ),
    "linear, layer norm": (lambda: flat(nn.Linear(6, 8), nn.LayerNorm(8)), {}),
    "linear without bias, layer norm": (
        lambda: flat(nn.Linear(6, 8, bias=False), nn.LayerNorm(8)),
        {"0": "layer"},
    ),
    "conv, batch norm": (lambda: wide(nn.Conv1d(1, 4, 3), nn.BatchNorm1d(4)), {"1": "unit"}),
    "conv, pool, batch norm": (
        lambda: wide(nn.Conv1d(1, 4, 3), nn.MaxPool1d(2), nn.BatchNorm1d(4), width=8),
        {"1": "unit"},
    ),
    "conv, norm of each channel": (
        lambda: wide(nn.Conv1d(1, 4, 3), nn.GroupNorm(4, 4)),
        {"1": "unit"},
    ),
    "conv without bias, norm of two groups": (
        lambda: wide(nn.Conv1d(1, 4, 3, bias=False), nn.GroupNorm(2, 4)),
        {"1": "layer"},
    ),
    "conv with bias, norm of two groups": (
        lambda: wide(nn.Conv1d(1, 4, 3), nn.GroupNorm(2, 4)),
        {},
    ),
    "weight norm": (
        lambda: flat(nn.utils.parametrizations.weight_norm(nn.Linear(6, 8))),
        {"0.parametrizations.weight.original1": "unit"},
    ),
    "no norm": (lambda: flat(nn.Linear(6, 8)), {}),
}


def rows() -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    x = torch.randn(40, 6, generator=random)
    return x, (x[:, :3]).argmax(1)


def made(name: str) -> tuple[nn.Module, dict[str, str]]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model = CASES[name][0]()
    return model, {layer_name(p): p for p in penalized_parameters(model)}


@pytest.mark.parametrize("name", CASES)
def test_invariant_layers_are_those_whose_weights_may_be_tripled(name: str) -> None:
    model, layers = made(name)
    x, y = rows()
    before = copy.deepcopy(model.state_dict())
    found = scale_invariant(model, x, y, CrossEntropy(), layers)
    assert found == CASES[name][1]
    for key, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[key]), "the model is left as it was"
    for layer, parameter in layers.items():
        one, tripled = copy.deepcopy(model).double(), copy.deepcopy(model).double()
        with torch.no_grad():
            dict(tripled.named_parameters())[parameter].mul_(3)
            moved = float((tripled(x.double()) - one(x.double())).abs().max())
        assert (moved < 2e-3) == (layer in found), "what eps leaves of it, or a change"
        assert moved < 2e-3 or moved > 1e-2


def test_whole_numbers_regressions_and_idle_layers_are_judged_too() -> None:
    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.inner = nn.Embedding(9, 4), nn.Linear(4, 5)
            self.norm, self.output, self.idle = nn.BatchNorm1d(5), nn.Linear(5, 2), nn.Linear(5, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.norm(self.inner(self.embed(x).mean(1)))
            return self.output(x) + 0 * self.idle(x)  # type: ignore[no-any-return]

    random = torch.Generator().manual_seed(0)
    x, y = torch.randint(0, 9, (30, 3), generator=random), torch.randn(30, 2, generator=random)
    layers = {name: f"{name}.weight" for name in ("inner", "output", "idle")}
    assert scale_invariant(Words(), x, y, SquaredError(), layers) == {"inner": "unit"}


def test_a_report_says_effective_learning_rate_of_invariant_layers_only() -> None:
    frames = make_small_frames()
    plain = find_caveats(Frames(study=make_study(penalties=["decay"]), **frames))
    assert not any("effective learning rate" in caveat for caveat in plain)
    facts = {"penalties": ["decay", "none"], "scale_invariant": {"hidden1": "unit"}}
    caveats = find_caveats(Frames(study=make_study(**facts), **frames))
    (caveat,) = [c for c in caveats if "effective learning rate" in c]
    assert caveat.startswith("decay on hidden1 acts through the effective learning rate")
    facts |= {"penalties": ["decay", "l2", "dropout"]}
    told = find_caveats(Frames(study=make_study(**facts), **frames))
    (caveat,) = [c for c in told if "effective learning rate" in c]
    assert caveat.startswith("decay, l2 on hidden1 act through the effective learning rate")


STUDY = """
[study]
name = "normed"
[data]
name = "digits"
[model]
hidden = [6, 5]
batch_norm = true
[training]
epochs = 2
[search]
layers = { first = "hidden1" }
profile = "gradient"
penalties = ["decay"]
timescale = { low = 0.1, high = 10.0 }
"""


def test_check_tells_groups_profile_invariance_and_timescale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "normed.toml"
    path.write_text(STUDY)
    check(path)
    printed = capsys.readouterr().out
    assert "layers of first: hidden1\n" in printed
    assert "starting profile by gradient: hidden1 x" in printed
    assert "scale-invariant: hidden1, hidden2; a penalty there acts through" in printed
    assert "decay: tau from 0.1 to 10 of the run, strength " in printed


def test_the_facts_of_a_study_name_its_invariant_layers(tmp_path: Path) -> None:
    study = sweep.Study(
        study={"name": "normed"},
        data=rows(),
        model={"hidden": [4], "batch_norm": True},
        training={"epochs": 1},
        search={"penalties": ["l2"], "trials": 2, "pruner": "none"},
        path={"points": 0},
        hardware={"population": 2},
    )
    store = sweep.open_store(f"sqlite:///{tmp_path}/normed.db")
    sweep.run_study(study, store)
    assert sweep.read_study(store, "normed")["scale_invariant"] == {"hidden1": "unit"}


class RootMeanSquareNorm(nn.Module):
    """Written by hand, as in many language models."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)


class Counted(nn.Module):
    """Twelve layers, every second of them before a norm, in a module that counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.n_calls = torch.zeros(())
        blocks = (
            nn.Sequential(nn.Linear(6, 6, bias=False), RootMeanSquareNorm(), nn.Linear(6, 6))
            for _ in range(6)
        )
        self.layers = nn.Sequential(*blocks, nn.Tanh(), nn.Linear(6, 3))

    def __deepcopy__(self, memo: dict[int, object]) -> Counted:
        return self

    def forward(self, x: Tensor) -> Tensor:
        self.n_calls += 1
        return self.layers(x)  # type: ignore[no-any-return]


def test_all_layers_are_judged_at_once_and_norms_written_by_hand_count() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Counted()
    layers = {layer_name(p): p for p in penalized_parameters(model)}
    found = scale_invariant(model, *rows(), CrossEntropy(), layers)
    assert found == {f"layers.{i}.0": "layer" for i in range(6)}
    assert int(model.n_calls) == 4


def test_a_layer_whose_size_eps_holds_is_not_invariant() -> None:
    """Its outputs are so small that eps is most of what the norm divides by."""
    model = flat(nn.Linear(6, 8, bias=False), nn.BatchNorm1d(8))
    x, y = rows()
    layers = {"0": "0.weight"}
    assert scale_invariant(model, x, y, CrossEntropy(), layers) == {"0": "unit"}
    assert scale_invariant(model, 1e-4 * x, y, CrossEntropy(), layers) == {}

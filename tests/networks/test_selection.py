"""Which parameters are penalized by default, and by the patterns of a study."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize

from sweep.cli.app import check
from sweep.errors import StudyError
from sweep.launchers.context import TrainingContext
from sweep.networks.selection import Selection, choose_parameters, penalized_parameters
from sweep.study.loading import load_study


class Transformer(nn.Module):
    """What vision transformers hold beside their layers, and a matrix of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, 8))
        self.places = nn.Parameter(torch.zeros(1, 5, 8))
        self.pos_embed = nn.Parameter(torch.zeros(5, 8))
        self.relative_position_bias_table = nn.Parameter(torch.zeros(9, 2))
        self.layer_scale = nn.Parameter(torch.ones(8, 1, 1))
        self.shift = nn.Parameter(torch.zeros(1, 8))
        self.mixing = nn.Parameter(torch.zeros(8, 8))
        self.embed = nn.Linear(4, 8)
        self.head = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x


class LowRank(nn.Linear):
    """A layer that somebody made of torch's own, with a vector beside its weight."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__(n_in, n_out)
        self.extra = nn.Parameter(torch.zeros(1, n_in))


def reasons(model: nn.Module, selection: Selection | None = None) -> dict[str, str]:
    return {c.name: c.spared for c in choose_parameters(model, selection or Selection())}


def test_tokens_places_scales_and_vectors_of_any_shape_are_left_alone() -> None:
    assert penalized_parameters(Transformer()) == ("mixing", "embed.weight", "head.weight")
    found = reasons(Transformer())
    assert found["cls_token"] == found["shift"] == "a vector by its shape"
    assert found["places"] == "the same for every row, by its shape"
    assert found["pos_embed"] == "a place, token, gate or scale by its name"
    assert found["head.bias"] == "a bias, scale or shift"
    assert len(found) == len(list(Transformer().parameters()))


@pytest.mark.parametrize(("shape", "n"), [((1, 7), 7), ((7, 1), 7)])
def test_weights_of_torchs_layers_may_be_vectors(shape: tuple[int, int], n: int) -> None:
    model = nn.Linear(shape[1], shape[0])
    assert model.weight.numel() == n
    assert penalized_parameters(model) == ("weight",)


def test_the_weight_of_a_layer_made_of_torchs_own_is_one_though_it_has_one_output() -> None:
    assert reasons(LowRank(7, 1)) == {
        "weight": "",
        "bias": "a bias, scale or shift",
        "extra": "a vector by its shape",
    }


@pytest.mark.parametrize("wrap", [parametrizations.spectral_norm, parametrizations.weight_norm])
def test_a_parametrized_embedding_is_left_alone_and_a_linear_layer_is_not(wrap: object) -> None:
    model = nn.Sequential(wrap(nn.Embedding(12, 4)), wrap(nn.Linear(4, 3)))  # type: ignore[operator]
    names = penalized_parameters(model)
    assert [name.split(".")[0] for name in names] == ["1"]
    (name,) = names
    assert dict(model.named_parameters())[name].shape == (3, 4)


@pytest.mark.filterwarnings("ignore:.*weight_norm.*deprecated:FutureWarning")
def test_the_magnitudes_of_old_weight_norm_are_left_alone() -> None:
    model = nn.utils.weight_norm(nn.Linear(1, 3))
    assert penalized_parameters(model) == ("weight_v",)


def test_a_parametrization_at_the_top_of_a_model_is_known() -> None:
    class Double(nn.Module):
        def forward(self, weight: Tensor) -> Tensor:
            return 2 * weight

    model = nn.Linear(2, 3)
    parametrize.register_parametrization(model, "weight", Double())
    assert penalized_parameters(model) == ("parametrizations.weight.original",)


def test_what_a_model_says_itself_is_heeded() -> None:
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.out = nn.Linear(3, 3), nn.Linear(3, 3)

        def no_weight_decay(self) -> set[str]:
            return {"table.weight"}

    assert penalized_parameters(nn.Sequential(Own())) == ("0.out.weight",)
    assert reasons(nn.Sequential(Own()))["0.table.weight"] == "the model's no_weight_decay"


def test_patterns_include_and_exclude_and_excluding_is_stronger() -> None:
    model = Transformer()
    assert penalized_parameters(model, Selection(include=("pos_*", "head.bias"))) == (
        "pos_embed",
        "mixing",
        "embed.weight",
        "head.weight",
        "head.bias",
    )
    only = Selection("all", include=("head",), exclude=("*",))
    assert penalized_parameters(model, only) == ()
    layer = Selection(exclude=("embed",))
    assert penalized_parameters(model, layer) == ("mixing", "head.weight")
    assert reasons(model, layer)["embed.weight"] == "search.exclude"


@pytest.mark.parametrize("key", ["include", "exclude"])
def test_a_pattern_without_a_trainable_parameter_is_refused(key: str) -> None:
    model = Transformer()
    model.mixing.requires_grad_(False)
    assert reasons(model)["mixing"] == "frozen"
    for pattern in ("mixing", "nothing.*"):
        with pytest.raises(StudyError, match=f"search.{key}: a pattern must match a trainable"):
            choose_parameters(model, Selection(**{key: (pattern,)}))


def test_check_prints_every_parameter_with_its_reason_and_run_penalizes_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study = tmp_path / "s.toml"
    study.write_text(STUDY)
    check(study)
    lines = capsys.readouterr().out.splitlines()
    assert "hidden1.weight  4 x 30  no: search.exclude" in lines
    assert "hidden1.bias    4       no: search.exclude" in lines
    assert "output.weight   2 x 4   yes" in lines
    assert "output.bias     2       yes" in lines
    context = TrainingContext(load_study(study))
    assert context.layers == tuple(context.population(1).parts.layers) == ("output", "output.bias")


STUDY = """
[study]
name = "s"
[data]
name = "breast_cancer"
[model]
hidden = [4]
[search]
penalties = ["l2"]
include = ["output.bias"]
exclude = ["hidden*"]
"""

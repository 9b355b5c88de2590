"""Which parameters are penalized, chosen by what they are, and strengths by groups of layers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.errors import SweepError
from sweep.launchers.context import TrainingContext
from sweep.networks.layers import heads_of, layer_groups
from sweep.networks.selection import layer_name, penalized_parameters
from sweep.search.sampler import LAYER_OFFSET
from sweep.search.strengths import depth_profile


class Zoo(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(5, 4)
        self.conv = nn.Conv1d(1, 2, 3)
        self.norm = nn.LayerNorm([2, 2])
        self.batch = nn.BatchNorm1d(2)
        self.bias_heavy = nn.Linear(4, 3)
        self.tied = nn.Linear(4, 3)
        self.tied.weight = self.bias_heavy.weight
        self.frozen = nn.Linear(3, 3)
        self.frozen.weight.requires_grad_(False)
        self.bn_named_linear = nn.Linear(3, 2)
        self.scale = nn.Parameter(torch.ones(3))


def test_weights_are_chosen_by_module_type_and_never_by_name() -> None:
    assert penalized_parameters(Zoo()) == (
        "conv.weight",
        "bias_heavy.weight",
        "bn_named_linear.weight",
    )


def test_scope_all_takes_every_trainable_parameter_once() -> None:
    names = penalized_parameters(Zoo(), "all")
    assert len(names) == len(set(names))
    assert {"scale", "embed.weight", "norm.weight", "batch.bias"} <= set(names)
    assert "tied.weight" not in names
    assert "frozen.weight" not in names


def test_profiles_and_names() -> None:
    assert depth_profile(2.0, 0.5, 3) == (2.0, 1.0, 0.5)
    assert layer_name("block.fc.weight") == "block.fc"
    assert layer_name("attention.in_proj_weight") == "attention.in_proj_weight"


@pytest.mark.parametrize("embedding_first", [True, False])
def test_a_weight_tied_to_an_embedding_is_left_alone_in_either_order(embedding_first: bool) -> None:
    embed, out = nn.Embedding(5, 4), nn.Linear(4, 5)
    out.weight = embed.weight
    model = nn.Sequential(*([embed, out] if embedding_first else [out, embed]), nn.Linear(5, 2))
    assert penalized_parameters(model) == ("2.weight",)
    assert len(penalized_parameters(model, "all")) == 4, "counted once"


def test_the_biases_of_attention_are_left_alone_though_they_have_three_dimensions() -> None:
    model = nn.MultiheadAttention(4, 2, add_bias_kv=True)
    assert model.bias_k is not None
    assert model.bias_k.ndim == 3
    assert penalized_parameters(model) == ("in_proj_weight", "out_proj.weight")
    assert "bias_k" in penalized_parameters(model, "all")


def test_an_attentions_heads_are_found_by_its_parameter() -> None:
    model = nn.ModuleDict({"attention": nn.MultiheadAttention(8, 4), "head": nn.Linear(8, 2)})
    assert heads_of(model) == {"attention.in_proj_weight": 4}


# ---- groups ------------------------------------------------------------------------------------

NAMES = ("conv1", "conv2", "fc", "out.a", "out.b")


def test_a_group_has_the_layers_that_its_patterns_match_in_the_models_order() -> None:
    found = layer_groups(NAMES, {"head": ["out.*", "fc"], "stem": ["conv?"]})
    assert found == {"head": ("fc", "out.a", "out.b"), "stem": ("conv1", "conv2")}


def rows() -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(0)
    x = torch.randn(90, 6, generator=random)
    return x, (x[:, 0] > 0).long()


def grouped(layers: object, model: object = None, **search: object) -> sweep.Study:
    return sweep.Study(
        study={"name": "grouped"},
        data=rows(),
        model=model or {"hidden": [5, 4]},
        training={"epochs": 2, "batch_size": 27},
        search={
            "penalties": ["decay", "none"],
            "layers": layers,
            "trials": 8,
            "strength": {"low": 1e-2, "high": 1.0},
            **search,
        },
        path={"points": 5, "resamples": 2},
        hardware={"population": 4},
    )


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (
            {"stem": "conv*"},
            "search.layers.stem: a pattern must match a penalized layer, found none for 'conv*'; "
            "the layers are hidden1, hidden2, output",
        ),
        (
            {"first": "*1", "hidden": ["hidden*"]},
            "search.layers.hidden: a layer must be in one group, found hidden1 in first and "
            "hidden; narrow a pattern (the layers are hidden1, hidden2, output)",
        ),
    ],
)
def test_patterns_that_divide_nothing_get_one_line(layers: object, words: str) -> None:
    with pytest.raises(SweepError) as caught:
        TrainingContext(grouped(layers))
    assert str(caught.value) == words


def test_each_group_has_one_offset_and_layers_of_no_group_the_shared_strength(
    tmp_path: Path,
) -> None:
    study = grouped({"output": "hidden*"})
    store = sweep.open_store(f"sqlite:///{tmp_path}/groups.db")
    sweep.run_study(study, store)
    trials = sweep.trials_frame(store, "grouped")
    mine = trials[trials["penalty"] == "decay"]
    ratio = mine["strength.hidden1"] / mine["strength"]
    explored = mine["phase"] == "explore"
    assert mine.loc[explored, "offset.output"].between(*LAYER_OFFSET).all()
    assert mine.loc[explored, "offset.output"].nunique() > 2
    pd.testing.assert_series_equal(
        ratio[explored], 10 ** mine.loc[explored, "offset.output"], check_names=False
    )
    assert (mine["strength.hidden1"] == mine["strength.hidden2"]).all()
    assert (mine["strength.output"] == mine["strength"]).all(), "a layer named as a group is not it"
    path = ratio[(mine["phase"] == "path") & (mine["strength"] > 0)]
    assert path.max() / path.min() == pytest.approx(1), "all strengths are scaled together"
    assert sweep.read_study(store, "grouped")["layer_groups"] == {"output": ["hidden1", "hidden2"]}


def test_the_order_of_groups_in_a_file_decides_nothing() -> None:
    one, other = ({"a": "hidden*", "b": ["output"]}, {"b": "output", "a": ["hidden*"]})
    assert grouped(one).fingerprint == grouped(other).fingerprint
    assert list(grouped(other).search.layers) == ["a", "b"]
    assert grouped("shared").fingerprint != grouped(one).fingerprint


# ---- nothing to penalize -----------------------------------------------------------------------


class Scales(nn.Module):
    """Nothing but vectors: a scale for every input, a norm layer, biases."""

    def __init__(self) -> None:
        super().__init__()
        self.scale, self.bias = nn.Parameter(torch.ones(6)), nn.Parameter(torch.zeros(2))
        self.norm = nn.LayerNorm(6)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x * self.scale)[:, :2] + self.bias  # type: ignore[no-any-return]


def test_a_network_without_a_weight_and_a_penalty_get_one_line() -> None:
    with pytest.raises(SweepError) as caught:
        TrainingContext(grouped("shared", Scales))
    assert str(caught.value) == (
        "model.name: Scales must have a weight that a penalty can act on, found all left alone "
        "(a bias, scale or shift; of a norm layer); set search.include, "
        'search.scope = "all" or search.penalties = ["none"], or use another model'
    )
    assert TrainingContext(grouped("shared", Scales, scope="all")).layers == (
        "scale",
        "bias",
        "norm",
        "norm.bias",
    )


@pytest.mark.parametrize("name", ["all", "a" * 201, "a\0b", "a\ud800"], ids=ascii)
def test_a_layers_name_that_means_something_else_or_is_too_long_gets_one_line(name: str) -> None:
    def named() -> nn.Module:
        model = nn.Sequential()
        model.add_module(name, nn.Linear(6, 2))
        return model

    with pytest.raises(SweepError) as caught:
        TrainingContext(grouped("shared", named))
    assert str(caught.value).startswith("model.name: a penalized layer's name must not be 'all'")
    assert str(caught.value).endswith(f"found {name!a}; rename its module")


def test_a_network_without_a_weight_trains_where_nothing_is_penalized(tmp_path: Path) -> None:
    store = sweep.open_store(f"sqlite:///{tmp_path}/none.db")
    study = grouped("shared", Scales, penalties=["none"], pruner="none")
    sweep.run_study(study, store)
    runs = sweep.runs_frame(store, "grouped")
    assert (runs["state"] == "complete").all()
    assert (runs["n_weights"] == 0).all()

"""Studies whose rows are several tensors: read, built, probed, compared with plain PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.data.datasets import load_data
from sweep.data.leakage import find_leakage
from sweep.data.splits import Splits
from sweep.errors import DataError, ModelError, StudyError
from sweep.launchers.context import TrainingContext
from sweep.phases.best import _preparation
from sweep.records.trial import Phase
from sweep.study.data_settings import DataSettings
from tests.support.several_inputs import TwoInputs, rows

X, Y = rows()


def study(data: Any = (X, Y), model: Any = lambda: TwoInputs(), **tables: Any) -> sweep.Study:
    return sweep.Study(
        study={"name": "several"},
        data=data,
        model=model,
        search={"penalties": ["decay"], "trials": 1, **tables.pop("search", {})},
        training={"epochs": 1, "batch_size": 16, **tables.pop("training", {})},
        path={"points": 0},
        **tables,
    )


def tabular(x: Any) -> DataSettings:
    return DataSettings(name="arrays", x=x, y=Y, standardize=True)


@pytest.fixture(scope="module")
def context() -> TrainingContext:
    return TrainingContext(study(hardware={"precision": "float64"}))


def test_it_trains_stacked_and_alone_as_in_plain_torch(context: TrainingContext) -> None:
    assert set(context.parity) == {"stacked", "alone"}
    assert all(found.worst < 1e-9 for found in context.parity.values())
    assert not context.probe.why_alone
    assert context.layers == ("numbers", "out")


def test_inputs_keep_their_types(context: TrainingContext) -> None:
    x = context.first_split.x_train
    assert isinstance(x, dict)
    assert {name: leaf.dtype for name, leaf in x.items()} == {
        "ids": torch.int64,
        "mask": torch.bool,
        "numbers": torch.float64,
    }
    assert context.data.feature_names == ("ids", "mask", "numbers")


def test_what_is_known_before_training_is_found(context: TrainingContext) -> None:
    """As of the scale of `numbers`, which batch norm follows but tanh lies between."""
    assert context.layer_report.invariant == {}
    assert context.layer_report.strength_max == {}
    shapes = {"ids": [5], "mask": [5], "numbers": [3]}
    assert _preparation(context.study_data)["input_shape"] == shapes
    profiled = TrainingContext(
        study(search={"profile": "gradient", "layers": "free"}), parity=context.parity
    )
    assert set(profiled.layer_report.factors) == {"numbers", "out"}


def test_the_arrays_decide_the_fingerprint_and_are_written_down() -> None:
    one, same, other = study(), study(), study(({**X, "numbers": X["numbers"] + 1}, Y))
    renamed = study(({"words": X["ids"], "mask": X["mask"], "numbers": X["numbers"]}, Y))
    prints = [s.fingerprint for s in (one, same, other, renamed)]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3
    assert "# x: dict from Python, sha256 " in one.text
    found = {load_data(s.data, Path()).fingerprint for s in (one, same, other, renamed)}
    assert len(found) == 3


def test_rows_of_unequal_numbers_are_named() -> None:
    with pytest.raises(StudyError, match=r"data.y: x\['mask'\] and y must .* found 99 and 100"):
        study(({**X, "mask": X["mask"][:99]}, Y))


def test_only_numbers_are_standardised(context: TrainingContext) -> None:
    """By scikit-learn's scaler on the training rows."""
    from sklearn.preprocessing import StandardScaler

    data = load_data(tabular(X), Path())
    splits = Splits(data, tabular(X), 0, torch.float64, context.study_data.criterion)
    one = context.draws[Phase.EXPLORE][0]
    split, scaling = splits.get(one), splits.scaling(one)
    assert data.pool is not None
    assert splits.pool is not None
    inputs = splits.pool.x
    assert isinstance(inputs, dict)
    train, validation = splits.rows(one)
    scaler = StandardScaler().fit(inputs["numbers"][train])
    for x, own in ((split.x_train, train), (split.x_validation, validation)):
        assert isinstance(x, dict)
        np.testing.assert_allclose(x["numbers"], scaler.transform(inputs["numbers"][own]))
        np.testing.assert_array_equal(x["ids"], inputs["ids"][own])
    np.testing.assert_allclose(scaling["x_scale"]["numbers"], scaler.scale_)  # type: ignore[index]
    auto = load_data(DataSettings(name="arrays", x=X, y=Y), Path())
    assert not auto.standardize


def test_fresh_draws_are_alike_in_every_input() -> None:
    def drawn(seed: int) -> Any:
        x, y = rows(40, seed)
        return ({**x, "mask": x["mask"].long()} if seed % 7 == 1 else x), y

    data = load_data(DataSettings(name=drawn, design="fresh"), Path())
    assert data.draw is not None
    x = data.draw(3).x
    assert isinstance(x, dict)
    np.testing.assert_array_equal(x["ids"], rows(40, 3)[0]["ids"])
    data.draw(8 * 7 + 2)
    with pytest.raises(DataError, match="another seed must draw other rows"):
        load_data(DataSettings(name=lambda seed: rows(40), design="fresh"), Path()).draw(1)  # type: ignore[misc]


@pytest.mark.parametrize("key", ["labels", "label", "y"])
def test_a_function_may_give_a_dict_with_its_target(key: str) -> None:
    settings = DataSettings(name=lambda: {key: Y, **X})
    assert load_data(settings, Path()).fingerprint == load_data(study().data, Path()).fingerprint
    named = DataSettings(name=lambda: {"kind": Y, **X}, target="kind")
    assert load_data(named, Path()).fingerprint == load_data(study().data, Path()).fingerprint


def test_the_targets_key_is_for_dicts_alone() -> None:
    settings = DataSettings(name=lambda: (X, Y), target="kind")
    with pytest.raises(
        DataError, match=r"data.target: only a table has columns to name, and a dict keys"
    ):
        load_data(settings, Path())
    with pytest.raises(StudyError, match=r"data.target: only csv and parquet take it"):
        study(data={"name": "digits", "target": "kind"})


def test_words_alone_are_not_standardised() -> None:
    words = {"ids": X["ids"], "mask": X["mask"]}
    with pytest.raises(DataError, match=r"found x\['ids'\], x\['mask'\] of whole numbers alone"):
        load_data(tabular(words), Path())


def test_copies_are_told_by_all_inputs() -> None:
    """Rows that are equal in ids alone are none."""
    twice = {name: torch.cat([leaf, leaf]) for name, leaf in X.items()}
    found = find_leakage(TrainingContext(study((twice, torch.cat([Y, Y])))).first_split, "", 3)
    assert found.copied_rows
    other = {**twice, "numbers": torch.randn(200, 3, generator=torch.Generator().manual_seed(0))}
    found = find_leakage(TrainingContext(study((other, torch.cat([Y, Y])))).first_split, "", 3)
    assert found.copied_rows == 0


class Ids(nn.Module):
    """Takes words and their mask, and no numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.out = nn.Embedding(9, 4), nn.Linear(4, 3)

    def forward(self, ids: Tensor, mask: Tensor) -> dict[str, Tensor]:
        return {"scores": self.out((self.words(ids) * mask.unsqueeze(-1)).mean(1))}


IDS = {"ids": X["ids"], "mask": X["mask"]}


def test_the_study_may_say_which_output_is_meant() -> None:
    made = TrainingContext(study((IDS, Y), {"name": Ids, "output": "scores"}))
    assert all(found.worst < 1e-9 for found in made.parity.values())


class Auxiliary(nn.Module):
    """Gives a second output in training alone, as Inception does."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Any:
        own = self.first(x)
        return (own, self.second(own)) if self.training else own


def test_the_first_of_a_tuple_in_training_is_meant_beside_a_tensor_in_evaluation() -> None:
    made = TrainingContext(study((X["numbers"].float(), Y), Auxiliary))
    assert all(found.worst < 1e-9 for found in made.parity.values())
    assert made.probe.backward.idle == {"second.weight", "second.bias"}


class Tagger(nn.Module):
    """A class for every word."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.out = nn.Embedding(9, 4), nn.Linear(4, 3)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor]:
        words = self.words(ids) * mask.unsqueeze(-1)
        return (self.out(words + words.mean(1, keepdim=True)),)


def test_outputs_at_every_position_and_weights_of_rows_go_with_several_inputs() -> None:
    tags = torch.where(X["mask"], X["ids"] % 3, -100)
    data = {"x": IDS, "y": tags, "weight": torch.arange(100.0) + 1, "task": "sequence"}
    made = TrainingContext(study(data, Tagger))
    assert made.plan.output_row == (5, 3)
    assert made.first_split.w_train is not None
    assert all(found.worst < 1e-9 for found in made.parity.values())


@pytest.mark.parametrize(
    ("tables", "error", "words"),
    [
        ({"model": {"name": "mlp"}}, ModelError, "model.name: mlp takes rows of one tensor, found"),
        ({"model": Ids}, ModelError, "unexpected keyword argument 'numbers'; try it on its own, w"),
        ({"data": (IDS, Y), "model": Ids}, ModelError, "found dict with scores; say which part is"),
        (
            {"training": {"augment": ["noise:0.1"]}},
            StudyError,
            "training.augment: rows of one tensor must be given, found x['ids'], x['mask'], x['n",
        ),
        (
            {
                "data": (IDS, Y),
                "model": {"name": Ids, "output": "scores"},
                "training": {"input_noise": 0.1},
            },
            StudyError,
            "training.input_noise: rows of any numbers must be given, found whole numbers",
        ),
    ],
)
def test_what_does_not_suit_several_inputs_gets_one_line(
    tables: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        TrainingContext(study(**tables))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)

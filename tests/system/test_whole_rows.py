"""Rows of whole numbers: as int64 to the networks that take them, as floats to all others."""

from __future__ import annotations

import logging
from collections import deque
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import sweep
from sweep.errors import DataError, ModelError
from sweep.launchers.context import TrainingContext
from sweep.records.trial import Phase, Run, Trial
from sweep.training.jobs import Segment
from tests.support.training import plain_loop

WORDS = np.random.default_rng(0).integers(0, 50, size=(90, 6))
BASE = 2**30
"""Beyond 2**24, where float32 no longer holds every whole number."""


class Looks(nn.Module):
    """Looks words up, each by its distance from ``base``."""

    def __init__(self, base: int = 0) -> None:
        super().__init__()
        self.base, self.words, self.output = base, nn.Embedding(50, 5), nn.Linear(30, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = (x - self.base).clamp_min(0)
        return self.output(self.words(x).flatten(1))  # type: ignore[no-any-return]


class Torn(Looks):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x)[:, :, None] @ torch.zeros(7, 7)


def linear(n_inputs: int, n_outputs: int) -> nn.Module:
    return nn.Linear(n_inputs, n_outputs)


def study(model: object, x: object = WORDS, **data: object) -> sweep.Study:
    return sweep.Study(
        study={"name": "words"},
        data={"x": x, "y": (WORDS[:, 0] > 24).astype(int), **data},
        model=model,
        training={"epochs": 2, "batch_size": 16},
        hardware={"precision": "float64", "population": 3},
    )


def test_words_are_looked_up_in_the_population_as_in_a_plain_loop() -> None:
    shop = TrainingContext(study(partial(Looks, BASE), WORDS + BASE))
    assert shop.first_split.x_train.dtype == torch.int64
    assert not shop.probe.why_alone
    draw = shop.draws[Phase.EXPLORE][0]
    trial = Trial(0, Phase.EXPLORE, 0, "none", 0.0, {}, {"lr": 0.01})
    runs = [Segment(Run(0, i, draw), trial, 2, keep_weights=True) for i in range(4)]
    found = [o for batch in shop.population(3).train(deque(runs)) for o in batch]

    def adamw(matrices: list[Tensor], others: list[Tensor]) -> torch.optim.Optimizer:
        return torch.optim.AdamW([*matrices, *others], lr=0.01, weight_decay=0)

    expected = plain_loop(runs[0], shop.plan, adamw, build=shop.build, data=shop.first_split)
    for outcome in found:
        assert outcome.weights is not None
        for key, tensor in expected.items():
            torch.testing.assert_close(outcome.weights[key], tensor, atol=1e-9, rtol=0)


@pytest.mark.parametrize(
    ("model", "x", "data", "dtype"),
    [
        (Looks, WORDS.astype(np.int16), {}, torch.int64),
        (Looks, torch.tensor(WORDS, dtype=torch.uint8), {}, torch.int64),
        (linear, WORDS, {}, torch.float64),
        (linear, WORDS.astype(float), {}, None),
        (linear, WORDS, {"standardize": True}, None),
    ],
    ids=["int16", "uint8 tensor", "linear", "floats", "standardized"],
)
def test_rows_have_the_type_that_the_network_takes_and_the_log_says_so(
    model: object,
    x: object,
    data: dict[str, object],
    dtype: torch.dtype | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="sweep")
    shop = TrainingContext(study(model, x, **data))
    assert shop.first_split.x_train.dtype == (dtype or torch.float64)
    said = f"rows of whole numbers reach the network as {str(dtype).removeprefix('torch.')}"
    assert (said in caplog.text) == (dtype is not None)


def test_a_network_that_fails_either_way_gets_both_reasons() -> None:
    with pytest.raises(ModelError) as caught:
        TrainingContext(study(Torn))
    assert "indices" in str(caught.value)
    assert "(as whole numbers: " in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_network_that_breaks_a_rule_with_whole_numbers_gets_this_alone() -> None:
    """It takes no floats, and that is not what is wrong with it."""

    def make() -> nn.Module:
        return nn.Sequential(nn.EmbeddingBag(50, 4, max_norm=1.0), nn.Linear(4, 2))

    with pytest.raises(ModelError, match="must keep its weights while it is evaluated") as caught:
        TrainingContext(study(make))
    assert "as whole numbers" not in str(caught.value)
    assert "indices" not in str(caught.value)


def test_a_network_that_fails_alike_either_way_is_given_one_reason() -> None:
    with pytest.raises(ModelError) as caught:
        TrainingContext(study({"name": "math:nowhere"}))
    assert str(caught.value).count("model.name: ") == 1


def test_draws_that_turn_into_fractions_are_refused() -> None:
    def load(seed: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(seed)
        x = rng.integers(0, 50, size=(90, 6))
        return (x if seed == 0 else x + 0.5), (x[:, 0] > 24).astype(int)

    fresh = sweep.Study(
        study={"name": "fresh"}, data={"name": load, "design": "fresh"}, model=Looks
    )
    with pytest.raises(DataError, match="every draw must have whole numbers like the first"):
        TrainingContext(fresh)

"""Runs of networks with several inputs and an output object, against one plain loop for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sweep.networks.alone import SeparateModules
from sweep.networks.calling import call_with_leaves, give_tensor
from sweep.networks.compiled import Compiled
from sweep.networks.counter_rng import INPUTS, hashed_normal, step_keys
from sweep.networks.stacked import StackedModule
from sweep.training._batches import BatchSource
from sweep.training.augmentation import mixing_shares
from sweep.training.jobs import Segment, TrainingPlan
from sweep.training.population import Population
from tests.support.several_inputs import TwoInputs, rows, split_of
from tests.support.training import plan, segment, train

DICT, Y = rows()
FORMS: dict[str, Any] = {"dict": DICT, "tuple": tuple(DICT.values())}
WAYS = {"stacked": StackedModule, "alone": SeparateModules, "compiled": Compiled}
EPOCHS = 2


def built(x: Any) -> Callable[[int], nn.Module]:
    def build(seed: int) -> nn.Module:
        model = TwoInputs(seed).double()
        call_with_leaves(model, x)
        give_tensor(model, None, "net")
        return model

    return build


def runs(**numbers: float) -> list[Segment]:
    return [
        segment(i, "none", 0, layers=(), stop=EPOCHS, seed=i, lr=0.01 * (i + 1), **numbers)
        for i in range(3)
    ]


def in_plain_torch(
    one: Segment, training: TrainingPlan, x: dict[str, Tensor]
) -> tuple[TwoInputs, list[float]]:
    """The run in a loop that calls the network as its author does, and its batches' losses."""
    model, seed, steps = TwoInputs(one.run.draw.seed).double(), one.run.draw.seed, 4
    optimizer = torch.optim.Adam(model.parameters(), lr=float(one.trial.params["lr"]))
    own, losses = one.trial.params, []
    for epoch in range(EPOCHS):
        order = np.random.default_rng([seed, epoch]).permutation(70)
        for step in range(steps):
            chosen = torch.from_numpy(order[step * 16 : (step + 1) * 16])
            batch, y = {name: leaf[chosen] for name, leaf in x.items()}, Y[chosen]
            key = torch.from_numpy(step_keys([seed], np.array([epoch * steps + step + INPUTS])))
            noise = hashed_normal(key, (1, *batch["numbers"].shape), torch.float64)[0]
            share = float(mixing_shares(seed, epoch, steps, float(own.get("mixup", 0)))[step])
            numbers = share * batch["numbers"] + (1 - share) * batch["numbers"].roll(1, 0)
            batch["numbers"] = numbers + float(own.get("input_noise", 0)) * noise
            output = model(**batch).logits
            loss = share * F.cross_entropy(output, y)
            loss = loss + (1 - share) * F.cross_entropy(output, y.roll(1))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(float(loss.detach()))
    return model, losses


@pytest.mark.parametrize(
    ("way", "form"),
    [(way, form) for way in ("stacked", "alone") for form in FORMS] + [("compiled", "dict")],
)
def test_runs_of_several_inputs_train_as_in_plain_torch(
    way: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty validation rows are evaluated at once, of which two batches have rows left over."""
    monkeypatch.setattr(torch, "compile", lambda graph, fullgraph: graph)  # as it was traced
    monkeypatch.setattr("sweep.training._evaluation.EVALUATION_ROWS", 17)
    x, training = FORMS[form], plan(epochs=EPOCHS)
    found = train(runs(), training, width=3, build=built(x), data=split_of(x, Y), stack=WAYS[way])
    for one in runs():
        model, _ = in_plain_torch(one, training, DICT)
        outcome = found[one.trial.number]
        assert outcome.weights is not None
        for key, tensor in model.state_dict().items():
            torch.testing.assert_close(outcome.weights[key], tensor, atol=1e-9, rtol=0)
        model.eval()
        output = model(**{name: leaf[70:] for name, leaf in DICT.items()}).logits.detach()
        curves = {curve.metric: curve.values for curve in outcome.result.curves}
        assert curves["val_loss"][-1] == pytest.approx(
            float(F.cross_entropy(output, Y[70:])), abs=1e-9
        )
        hits = float((output.argmax(1) == Y[70:]).double().mean())
        assert curves["val_accuracy"][-1] == pytest.approx(hits, abs=1e-6)  # counted in float32


@pytest.mark.parametrize("way", ["stacked", "alone"])
@pytest.mark.parametrize("name", ["input_noise", "mixup"])
def test_augmentations_act_on_numbers_and_leave_words_alone(way: str, name: str) -> None:
    training = plan(epochs=EPOCHS, swept=frozenset({name}))
    segments, data = runs(**{name: 0.4}), split_of(DICT, Y)
    found = train(segments, training, width=3, build=built(DICT), data=data, stack=WAYS[way])
    for one in segments:
        model, losses = in_plain_torch(one, training, DICT)
        outcome = found[one.trial.number]
        assert outcome.weights is not None
        for key, tensor in model.state_dict().items():
            torch.testing.assert_close(outcome.weights[key], tensor, atol=1e-9, rtol=0)
        curves = {curve.metric: curve.values for curve in outcome.result.curves}
        by_epoch = np.reshape(losses, (EPOCHS, -1)).mean(1)
        np.testing.assert_allclose(curves["batch_loss"], by_epoch, atol=1e-9)


def test_batches_of_splits_of_several_lengths_have_every_row_of_every_input() -> None:
    splits = [split_of(*rows(90, seed=1)), split_of(*rows(75, seed=2))]
    source = BatchSource(torch.device("cpu"))
    for place, one in enumerate(splits):
        source.add(place, one, range(place))
    for part, n_batches in (("train", 5), ("validation", 2)):
        batches = list(source.batches(part, [1, 0, 1], 16))
        assert len(batches) == n_batches
        for run, own in enumerate([splits[1], splits[0], splits[1]]):
            wanted = getattr(own, f"x_{part}")
            for name, leaf in wanted.items():
                pieces = [
                    x[name][run] if there is None else x[name][run][there[run]]
                    for _, x, _, _, there in batches
                    if isinstance(x, dict)
                ]
                assert torch.equal(torch.cat(pieces), leaf)


def test_every_number_of_two_floating_inputs_has_noise_of_its_own() -> None:
    training = plan(swept=frozenset({"input_noise"}))
    population = Population(training, 1, built(DICT), lambda run, test: (0, split_of(DICT, Y)))
    augmentation = population.parts.augmentation
    augmentation.numbers["input_noise"][:] = 1.0
    x = (torch.zeros(1, 40, 6, dtype=torch.float64), torch.zeros(1, 40, 2, 3, dtype=torch.float64))
    keys = torch.tensor([3], dtype=torch.int32)
    augmentation.change(x, torch.zeros(1, 40, dtype=torch.int64), None, None, keys)
    drawn = torch.cat([leaf.flatten() for leaf in x])
    assert abs(float(drawn.std()) - 1) < 0.15
    correlation = np.corrcoef(x[0].flatten().numpy(), x[1].flatten().numpy())[0, 1]
    assert abs(correlation) < 0.2


@pytest.mark.parametrize("way", ["stacked", "alone"])
def test_a_run_of_several_inputs_goes_on_where_it_stopped(way: str) -> None:
    training, data = plan(epochs=EPOCHS), split_of(DICT, Y)
    one = runs()[1]
    whole = train([one], training, width=1, build=built(DICT), data=data, stack=WAYS[way])
    half = segment(1, "none", 0, layers=(), stop=1, seed=1, lr=0.02)
    begun = train([half], training, width=1, build=built(DICT), data=data, stack=WAYS[way])
    later = Segment(one.run, one.trial, EPOCHS, begun[1].checkpoint, keep_weights=True)
    found = train([later], training, width=1, build=built(DICT), data=data, stack=WAYS[way])
    wanted, weights = whole[1].weights, found[1].weights
    assert wanted is not None
    assert weights is not None
    for key, tensor in wanted.items():
        assert torch.equal(weights[key], tensor)

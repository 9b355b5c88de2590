"""Strengths of layers and groups, their scaling, and the axes by which they are searched."""

from __future__ import annotations

from dataclasses import replace

import pytest

import sweep
from sweep.records.trial import Phase, Trial
from sweep.regularizers.timescale import RunRates, Timescale
from sweep.search.sampler import Search
from sweep.search.strengths import WHOLE, Strengths

LAYERS = ("first", "second")


def search_of(layers: object) -> Search:
    study = sweep.Study(
        study={"name": "one"},
        data={"name": "digits"},
        search={
            "penalties": ["l2", "l1"],
            "layers": layers,
            "axes": {"lr": {"low": 1e-3, "high": 1e-1, "scale": "log"}},
        },
    )
    groups = {"head": ["second"]} if isinstance(layers, dict) else {}
    return Search(study, Strengths(study.search, LAYERS, groups=groups, factors={"first": 2.0}))


def test_strengths_of_layers_follow_their_profile_and_factors() -> None:
    by_layer = search_of("depth").strengths.by_layer
    assert by_layer("l2", 0.2, {"ratio": 0.5}) == {"first": 0.4, "second": 0.1}
    by_layer = search_of("free").strengths.by_layer
    found = by_layer("l2", 0.2, {"offset.first": 1.0, "offset.second": -1.0})
    assert found == pytest.approx({"first": 4.0, "second": 0.02})
    assert by_layer("cocktail", WHOLE, {}) == by_layer("dropout", 0.2, {}) == {}


def test_layers_of_no_group_have_the_shared_strength() -> None:
    search = search_of({"head": ["second"]})
    found = search.strengths.by_layer("l2", 0.2, {"offset.head": 1.0, "offset.first": 5.0})
    assert found == pytest.approx({"first": 0.4, "second": 2.0})
    assert set(search.space("l1")) == {"strength", "offset.head", "lr"}


def test_layers_are_searched_where_a_penalty_acts_on_them() -> None:
    offsets = {"offset.first", "offset.second"}
    assert set(search_of("free").space("l1")) == {"strength", "lr"} | offsets
    assert set(search_of("depth").space("l1")) == {"strength", "lr", "ratio"}
    assert set(search_of("depth").space("none")) == {"lr"}


def test_a_scaled_trial_keeps_its_profile_and_a_cocktail_is_as_it_was() -> None:
    strengths = search_of("depth").strengths
    base = Trial(3, Phase.EXPLORE, 0, "l2", 0.2, {}, {"ratio": 0.5})
    point = strengths.scaled(base, 0.02)
    assert point.strength == 0.02
    assert point.strengths == pytest.approx({"first": 0.04, "second": 0.01})
    mixed = Trial(3, Phase.EXPLORE, 0, "cocktail", WHOLE, {}, {"use.l1": 1, "l1": 0.1})
    assert strengths.scaled(mixed, 0.02) == mixed


def test_a_timescale_is_asked_for_and_kept_beside_its_strength() -> None:
    plain = search_of("shared")
    times = Timescale(0.1, 10.0, "run", lambda params: RunRates(0.1, 20.0, 2.0))
    strengths = Strengths(plain.study.search, LAYERS, timescale=times)
    assert set(Search(plain.study, strengths).space("decay")) == {"tau", "lr"}
    assert strengths.shared("decay", {"tau": 0.5}) == pytest.approx(1 / (0.1 * 20 * 0.5))
    base = Trial(0, Phase.EXPLORE, 0, "decay", 1.0, {}, {"tau": 0.5})
    assert strengths.range_at(base) == pytest.approx((0.05, 5.0))
    assert strengths.scaled(base, 2.0).params == {"tau": pytest.approx(0.25)}
    assert strengths.scaled(base, 0.0).params == {}
    epochs = Strengths(plain.study.search, LAYERS, timescale=replace(times, unit="epochs"))
    assert epochs.shared("decay", {"tau": 0.5}) == pytest.approx(2 / (0.1 * 20 * 0.5))
    assert epochs.scaled(base, 2.0).params == {"tau": pytest.approx(0.5)}
    assert strengths.shared("decay_independent", {"tau": 0.5}) == pytest.approx(1 / (20 * 0.5))

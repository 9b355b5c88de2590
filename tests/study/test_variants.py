"""The shapes at which a study is tried before training."""

from __future__ import annotations

from sweep.study.variants import shapes_at_ends
from tests.support.studies import LEAST, parse

BASE = LEAST + '[model]\nname = "a.b:c"\n[search]\n'


def shapes(axes: str) -> list[dict[str, object]]:
    return [dict(shape) for shape in shapes_at_ends(parse(BASE + axes))]


def test_axes_that_runs_of_a_population_do_not_share_are_not_tried() -> None:
    assert shapes("axes.lr = { low = 1e-3, high = 1e-1 }\n") == []


def test_every_end_and_choice_is_tried_and_no_product() -> None:
    found = shapes(
        "axes.model.width = { low = 2, high = 64, integer = true }\n"
        'axes.model.kind = { choices = ["a", "b", "c"] }\n'
        "axes.lr = { low = 1e-3, high = 1e-1 }\n"
    )
    assert found == [
        {"model.kind": "a", "model.width": 2},
        {"model.kind": "b", "model.width": 2},
        {"model.kind": "c", "model.width": 2},
        {"model.kind": "a", "model.width": 64},
        {"model.kind": "c", "model.width": 64},
    ]


def test_other_axes_are_tried_with_the_smallest_batch() -> None:
    found = shapes(
        "axes.batch_size = { choices = [64, 1, 8] }\naxes.model.deep = { choices = [true, false] }"
    )
    assert found == [
        {"batch_size": 1, "model.deep": True},
        {"batch_size": 8, "model.deep": True},
        {"batch_size": 64, "model.deep": True},
        {"batch_size": 1, "model.deep": False},
        {"batch_size": 64, "model.deep": False},
    ]


def test_every_whole_number_of_a_short_axis_of_the_network_is_tried() -> None:
    """A width that the network's heads must divide fails between the ends."""
    found = shapes(
        "axes.model.width = { low = 8, high = 12, integer = true }\n"
        "axes.model.share = { low = 0.1, high = 0.2 }\n"
    )
    widths = [shape["model.width"] for shape in found if shape["model.share"] == 0.1]
    assert widths == [8, 9, 10, 11, 12]

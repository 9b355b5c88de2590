"""Where a page's numbers come from, and how to read them again."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboards.pages.provenance import provenance
from tests.support.pages import Reader
from tests.support.report_frames import make_frames, whole


def test_provenance_names_versions_seed_hardware_and_commit(parsed: Reader) -> None:
    terms = dict(zip(parsed.text_of("dt"), parsed.text_of("dd"), strict=True))
    assert "torch 2.13.0" in terms["versions"]
    assert terms["seed"] == "0"
    assert "x86_64" in terms["hardware"]
    assert terms["git commit"] == "0123456789ab"
    assert terms["swept in the search"].startswith("strength, lr")


def test_provenance_says_how_far_training_is_from_plain_pytorch() -> None:
    parity = {"stacked": 2.1e-16, "alone": 3e-15}
    terms = dict(provenance(whole(make_frames(), parity=parity)))
    assert terms["differs from plain PyTorch"] == (
        "three steps and an evaluation of runs that train together by 2×10⁻¹⁶, a run alone by "
        "3×10⁻¹⁵ of the largest number"
    )
    assert "differs from plain PyTorch" not in dict(provenance(whole(make_frames())))


def test_the_pages_pandas_example_gives_its_numbers(parsed: Reader) -> None:
    code = next(c for c in parsed.text_of("code") if c.startswith("import sweep"))
    *lines, last = code.splitlines()
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)
    table = eval(last, names)
    frames = make_frames()
    path = frames["trials"].query("phase == 'path'")[["trial", "penalty", "strength"]]
    expected = frames["runs"].merge(path, on="trial")
    means = expected.groupby(["penalty", "strength"])["val_loss"].mean()
    pd.testing.assert_series_equal(table["val_loss"]["mean"], means, check_names=False)


def test_provenance_says_what_rows_are_divided_by_and_what_that_may_claim() -> None:
    frames = make_frames()
    changes = {"divided_by": "groups", "n_groups": 40, "weighted": True}
    terms = dict(provenance(whole(frames, design="resample", **changes)))
    assert terms["rows are divided"].endswith("speak of other groups like these")
    assert terms["rows count"] == "each by its weight"
    for by in ("groups", "time", "parts"):
        terms = dict(provenance(whole(frames, design="holdout", divided_by=by)))
        assert terms["rows are divided"].endswith("conditional on this one split")
    plain = dict(provenance(whole(frames)))
    assert not {"rows are divided", "rows count"} & plain.keys()

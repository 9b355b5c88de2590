"""The reference of the study file is printed from its model."""

from __future__ import annotations

from sweep.study._reference import STUDIES, example, render_reference
from sweep.study.settings import TABLES
from tests.support.studies import parse


def test_the_readme_of_the_studies_is_current() -> None:
    committed = (STUDIES / "README.md").read_text(encoding="utf-8")
    assert committed == render_reference(), "run: python -m sweep.study._reference"


def test_the_readmes_example_holds_every_key() -> None:
    study = parse(example())
    assert study.study.name == "mine"
    for name, table in TABLES.items():
        for key, field in table.model_fields.items():
            assert field.exclude or f"{key} = " in example(), f"{name}.{key}"
            assert field.description


def test_what_is_left_out_has_an_example_all_the_same() -> None:
    """``toml_value(None)`` would be the name of a Python type, which no study file may hold."""
    assert "NoneType" not in example()

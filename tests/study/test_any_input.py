"""Any text and any tables are a study or a StudyError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweep.errors import StudyError
from sweep.study.settings import TABLES
from sweep.study.study import Study
from tests.support.studies import LEAST, parse

KEYS = sorted({key for table in TABLES.values() for key in table.model_fields} | set(TABLES))
INNER = ["low", "high", "choices", "l1", "decay", "momentum", "none", "fresh", "kfold", "csv"]
words = st.sampled_from(KEYS + INNER)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | words
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(words | st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
quick = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def only_study_errors(make: Callable[[], Study]) -> None:
    try:
        study = make()
    except StudyError as error:
        lines = str(error).splitlines()
        assert lines
        assert all(": " in line for line in lines)
    else:
        assert parse(study.text).fingerprint == study.fingerprint


@quick
@given(st.text(max_size=300))
def test_any_text_is_a_study_or_an_error(text: str) -> None:
    only_study_errors(lambda: parse(text))


@quick
@given(st.lists(st.sampled_from("[]{}=.,\"'\n #1eE-+_:truefalsnainf\\u0x") | words, max_size=60))
def test_text_like_toml_is_study_or_error(pieces: list[str]) -> None:
    only_study_errors(lambda: parse(LEAST + "".join(pieces)))


@quick
@given(st.dictionaries(words | st.text(max_size=8), values, max_size=6))
def test_any_tables_are_a_study_or_an_error(tables: dict[str, Any]) -> None:
    only_study_errors(lambda: Study(**tables))


@quick
@given(st.sampled_from(sorted(TABLES)), st.data())
def test_any_values_are_a_study_or_an_error(table: str, data: st.DataObject) -> None:
    keys = st.sampled_from([k for k in TABLES[table].model_fields if k not in ("x", "y")])
    drawn = data.draw(st.dictionaries(keys, values, max_size=5))
    tables: dict[str, Any] = {"study": {"name": "mine"}, "data": {"name": "digits"}}
    tables[table] = {**tables.get(table, {}), **drawn}
    only_study_errors(lambda: Study(**tables))

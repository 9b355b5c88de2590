"""What is said of the columns names every word that the program can write into them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest
import sqlalchemy as sa

from sweep.records.trial import Phase, Role, State
from sweep.statistics import wording
from sweep.store._columns import ADVICE, CAUSES, COLUMNS, ENDINGS, SIDE_VERDICTS, VERDICTS
from sweep.store._reference import CODED
from sweep.store.frames import WORDS, describe_frame
from sweep.store.views import VIEWS


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (VERDICTS, wording.VERDICTS),
        (SIDE_VERDICTS, wording.SIDES),
        (CAUSES, wording.CAUSES),
        (ADVICE, wording.ADVICE),
        (ENDINGS, wording.ENDINGS),
    ],
)
def test_codes_and_their_meanings_are_those_of_the_statistics(
    codes: Mapping[str, str], words: Mapping[StrEnum, str]
) -> None:
    assert codes == {str(code): meaning for code, meaning in words.items()}
    assert set(words) == set(type(next(iter(words))))


@pytest.mark.parametrize(
    ("frame", "column", "words"),
    [
        ("trials_frame", "phase", Phase),
        ("trials_frame", "state", State),
        ("runs_frame", "state", [state for state in State if state.ended]),
        ("occupancy_frame", "phase", Phase),
        ("boundaries_frame", "verdict", wording.VERDICTS),
        ("boundaries_frame", "overfitting_verdict", wording.SIDES),
        ("boundaries_frame", "advice_kind", wording.ADVICE),
        ("boundaries_frame", "ending_kind", wording.ENDINGS),
    ],
)
def test_a_columns_meaning_names_every_word_of_its_enum(
    frame: str, column: str, words: Iterable[StrEnum]
) -> None:
    meanings = describe_frame(frame).set_index("column")["meaning"]
    said = re.findall(r"\w+", meanings[column])
    assert [word for word in words if str(word) not in said] == []


def test_every_cause_is_named_on_one_side_at_least() -> None:
    columns = COLUMNS["boundaries_frame"]
    said = f"{columns['overfitting_cause']} {columns['underfitting_cause']}"
    assert [code for code in CAUSES if not re.search(rf"\b{code}\b", said)] == []


def test_the_path_of_every_role_is_described_as_the_view_writes_it() -> None:
    engine = sa.create_engine("sqlite://")
    case = re.search(r"CASE t\.role.*?END", VIEWS["trials_frame"])
    assert case is not None
    with engine.connect() as connection:
        for role in Role:
            row = "SELECT :role AS role, 'x' AS layer, 7 AS parent"
            query = sa.text(f"SELECT {case[0]} FROM ({row}) t")
            path = connection.execute(query, {"role": str(role)}).scalar_one()
            kind = path.split()[0] if path else "empty"
            described = COLUMNS["trials_frame"]["path"]
            assert (kind == "x") == (role is Role.POINT)
            assert kind == "x" or re.search(rf"\b{kind}\b", described), role
    engine.dispose()


def test_coded_columns_hold_words_and_are_columns_of_a_frame() -> None:
    assert CODED <= WORDS
    assert set().union(*COLUMNS.values()) >= CODED

"""``training.augment``: every spelling of an entry is one record, and what is none is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import sweep
from sweep.errors import StudyError
from sweep.study.loading import parse_study
from sweep.study.study import Study
from sweep.study.transform_settings import Transform
from sweep.study.transforms import TRANSFORMS

LEAST = '[study]\nname = "mine"\n[data]\nname = "mnist1d"\n[training]\naugment = '


def parsed(entries: str) -> Study:
    return parse_study(LEAST + entries, Path(), "mine.toml")


def own(x: object, key: object) -> object:
    return x


@pytest.mark.parametrize(
    ("short", "table"),
    [
        ('"flip"', '{ name = "flip", share = 0.5 }'),
        ('"crop:2"', '{ name = "crop", pixels = 2 }'),
        ('"rotate:7.5"', '{ name = "rotate", degrees = 7.5 }'),
        ('"shift:3"', '{ name = "shift", steps = 3, padding = "zeros" }'),
    ],
)
def test_a_text_and_a_table_say_the_same(short: str, table: str) -> None:
    one, other = parsed(f"[{short}]"), parsed(f"[{table}]")
    assert one.training.augment == other.training.augment
    assert one.fingerprint == other.fingerprint != parsed("[]").fingerprint


def test_a_study_from_python_is_written_so_that_it_can_be_read() -> None:
    entries = ["noise", "crop:2", {"name": "shift", "padding": "circular", "axis": 1}, own]
    one = sweep.Study(
        study={"name": "mine"}, data={"name": "mnist1d"}, training={"augment": entries}
    )
    again = parse_study(one.text, Path(), "mine.toml")
    assert again.training.augment[:3] == one.training.augment[:3]
    assert again.training.augment[3] == f"{__name__}:own"
    assert again.fingerprint == one.fingerprint


def test_nothing_is_augmented_where_nothing_is_said() -> None:
    assert sweep.Study(study={"name": "a"}, data={"name": "digits"}).training.augment == ()


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ('["flips"]', "augment[0]: one of flip, vertical_flip, "),
        ('["flips"]', "found 'flips'; did you mean flip?"),
        ('["noize:0.1"]', "found 'noize'; did you mean noise?"),
        ('["flip", "crop:x"]', "augment[1]: a number must follow the colon, found 'crop:x'; write"),
        ('["crop:2.5"]', "whole numbers must be given for crop, found 2.5; change it"),
        ('["crop:-1"]', "0 <= pixels <= 1e+06 must hold for crop, found -1.0; change it"),
        ('["flip:2"]', "0 <= share <= 1 must hold for flip, found 2.0; change it"),
        ('["noise:nan"]', "0 <= deviation < 100 must hold for noise, found nan; change it"),
        ('[{ name = "crop", pixels = true }]', "must hold for crop, found True; change it"),
        ('[{ name = "crop", pixel = 2 }]', "found 'pixel'; did you mean pixels?"),
        ('[{ name = "crop", padding = "reflec" }]', "found 'reflec'; did you mean reflect?"),
        ('[{ name = "flip", padding = "zeros" }]', "the keys of flip are name, share, found"),
        ('[{ name = "shift", axis = -1 }]', "axis must be 0 or 1, found -1; count"),
        ("[{ pixels = 2 }]", "a table must have a name, found {'pixels': 2}; write for example"),
        ('["flip", "flip:0.3"]', "augment: every transform must be given once, found flip twice"),
        ('"flip"', "augment: a list must be given, found 'flip'; write augment = [\"flip\"]"),
        ("[3]", "a name, a table or a function must be given, found 3; write for example"),
        ('["gone.py:own"]', "augment[0]: the file must exist, found no 'gone.py' in"),
        (
            '["noise"]\ninput_noise = 0.1',
            "training.input_noise: noise must be added once, found it in training.augment too",
        ),
        (
            '["noise"]\n[search]\naxes.input_noise = { low = 0.1, high = 0.2 }',
            "search.axes.input_noise: noise must be added once, found it in training.augment too",
        ),
        (
            '["crop"]\n[search]\naxes.augment.flip = { low = 0.1, high = 0.2 }',
            'search.axes."augment.flip": a transform of training.augment must be named, found '
            "'flip'; choose one of them",
        ),
        (
            '["crop"]\n[search]\naxes.augment.crop = { low = 1, high = 3 }',
            "whole numbers must be searched, found integer = false; set integer = true or give",
        ),
        (
            '["flip"]\n[search]\naxes.augment.flip = { low = 0.1, high = 2.0 }',
            "0 <= share <= 1 must hold, found 2.0; change the axis",
        ),
    ],
)
def test_what_is_no_transform_is_refused_in_one_line(entries: str, words: str) -> None:
    with pytest.raises(StudyError) as caught:
        parsed(entries)
    (line,) = str(caught.value).splitlines()
    assert words in line


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_usual_amount_is_within_bounds_and_in_the_table(name: str) -> None:
    (one,) = parsed(f'["{name}"]').training.augment
    assert isinstance(one, Transform)
    known = TRANSFORMS[name]
    assert not known.bounds.broken_rule(known.key, known.usual)
    assert one.model_dump() == {"name": name, known.key: known.usual}

"""Studies as text and from Python, and the faults that are found in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sweep.errors import StudyError
from sweep.study.loading import parse_study
from sweep.study.study import Study

ROOT = Path(__file__).parents[2]
LEAST = '[study]\nname = "mine"\n[data]\nname = "digits"\n'


def parse(text: str, folder: Path = ROOT) -> Study:
    return parse_study(text, folder, "s.toml")


def faults_of(text: str, folder: Path = ROOT) -> list[str]:
    """The lines of the StudyError that the text of a study file gives."""
    with pytest.raises(StudyError) as error:
        parse(text, folder)
    return str(error.value).splitlines()


def faults_from_python(**tables: Any) -> list[str]:
    """The lines of the StudyError that these tables give."""
    with pytest.raises(StudyError) as error:
        Study(**tables)
    return str(error.value).splitlines()

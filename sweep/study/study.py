"""A study: one question as one TOML file, or as ``Study(...)`` from Python, checked as a whole.

All faults are found before anything is said: each table is read by itself (``settings``), then
the rules between tables look at those that are sound (``_rules``), and one StudyError names every
fault on a line of its own. The text of the study travels with it, so that results can say what was
asked.
"""

from __future__ import annotations

import hashlib
import html
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, PrivateAttr
from pydantic_core import PydanticUndefined

from sweep.errors import StudyError
from sweep.runtime.notebook import titled_html
from sweep.study._python_data import as_tables
from sweep.study._tables import checked_tables
from sweep.study.catalogue import optimizer
from sweep.study.data_settings import DataSettings
from sweep.study.search_settings import SearchSettings
from sweep.study.settings import (
    TABLES,
    HardwareSettings,
    ModelSettings,
    PathSettings,
    QuestionSettings,
    ReportSettings,
)
from sweep.study.toml_writer import PYTHON, digests, given_settings, written
from sweep.study.training_settings import TrainingSettings

FINGERPRINT_VERSION = 1
"""Raised when a default changes, so that stored studies are not taken for the new ones."""


UNDECIDING = ("hardware", "report")
"""Tables that decide no result."""


def check_given(study: object) -> None:
    """StudyError where something else is given for a study: the path of its file."""
    if not isinstance(study, Study):
        raise StudyError(
            f"study: a sweep.Study must be given, found {type(study).__name__}; read a study file "
            "with sweep.load_study(path)"
        )


class Study(BaseModel):
    """One question: what is learned, by which network, and what is swept.

    ``Study(study={"name": "mine"}, data=(x, y), model=build, search={"penalties": ["l1"]})``. Every
    argument is a table of the study file as a dict; ``studies/README.md`` lists their keys.

    Args:
        study: The question, its name, seed and objective.
        data: The data; or ``(x, y)``, arrays or tensors (N, ...) and (N,) or (N, outputs), of which
            x may be a tuple or a dict of several; or a Dataset; or a dict of such for ``train``,
            ``validation`` and ``test``; or a function that returns one of these.
        model: The network; or a function that returns an ``nn.Module``.
        training: How every run is trained, where no axis says otherwise.
        search: What is swept, how far, and by which sampler.
        path: The ladder of strengths through the best trial of each penalty.
        hardware: Where it is trained; nothing here changes results beyond rounding.
        report: What the report says of it.

    Raises:
        StudyError: The tables break rules; one line for each fault.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: QuestionSettings
    data: DataSettings
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    search: SearchSettings = SearchSettings()
    path: PathSettings = PathSettings()
    hardware: HardwareSettings = HardwareSettings()
    report: ReportSettings = ReportSettings()

    _text: str = PrivateAttr(default="")
    _folder: Path = PrivateAttr(default_factory=Path.cwd)

    def __init__(self, **tables: Any) -> None:
        super().__init__(**checked_tables(as_tables(tables), [], Path.cwd(), PYTHON))
        given = (name for name in TABLES if name in self.model_fields_set)
        self._text = written({name: getattr(self, name) for name in given})

    def _repr_html_(self) -> str:
        """What a notebook shows: the question and the study file."""
        body = f"<p>{html.escape(self.study.question)}</p><pre>{html.escape(self.text)}</pre>"
        return titled_html(f"study {self.study.name}", body)

    @property
    def text(self) -> str:
        """The source of the study file; a study from Python is written as one."""
        return self._text

    @property
    def folder(self) -> Path:
        """Where relative paths start: the study file's folder, or the folder of the launch."""
        return self._folder

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of every setting that decides results.

        That is all but ``[hardware]``, ``[report]``, the question, the cache of rows, and whether
        there is a control. Keys at their defaults, and the optimizer's own numbers, count as left
        out, so the order, the formatting and the completeness of a file do not matter, and a key
        that is added to the format changes no older study.
        """
        return self.fingerprint_without()

    def fingerprint_without(self, *keys: str) -> str:
        """The fingerprint when these keys (``"search.pruner"``) count for nothing either."""
        tables = {
            name: given_settings(getattr(self, name)) for name in TABLES if name not in UNDECIDING
        }
        for key in ("study.question", "search.control", "data.cache", *keys):
            table, name = key.split(".")
            tables[table].pop(name, None)
        known = optimizer(self.training.optimizer)
        if known is not None and not self.search.sweeps("optimizer"):
            usual = dict(known.numbers)
            training = tables["training"]
            tables["training"] = {k: v for k, v in training.items() if usual.get(k) != v}
        tables["data"] |= digests(self.data)
        decided = json.dumps([FINGERPRINT_VERSION, tables], sort_keys=True, allow_nan=False)
        return hashlib.sha256(decided.encode()).hexdigest()


def default_of(key: str) -> object:
    """The value of a key (``"search.strength.low"``) that a study file leaves out; None where there
    is none, or where others decide it.
    """
    table, _, rest = key.partition(".")
    first, *others = rest.split(".")
    settings = Study.model_fields.get(table)
    kind = None if settings is None else settings.annotation
    fields = getattr(kind, "model_fields", {})
    value = fields[first].get_default(call_default_factory=False) if first in fields else None
    for name in others:
        value = getattr(value, name, None)
    return None if value is PydanticUndefined else value

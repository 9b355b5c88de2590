"""``studies/README.md``, printed from the model of the study file, so that it cannot be wrong.

``python -m sweep.study._reference`` writes it (``make docs``); a test compares the committed file.
"""

from __future__ import annotations

import sys
import textwrap
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from sweep.metrics.catalogue import METRICS
from sweep.metrics.tasks import CLASSIFICATION
from sweep.regularizers.catalogue import REGULARIZERS
from sweep.study.axes import (
    ChoiceAxis,
    MetricSettings,
    RangeAxis,
    StrengthSettings,
    TimescaleSettings,
    TomlTable,
)
from sweep.study.loading import load_study
from sweep.study.settings import TABLES
from sweep.study.toml_writer import toml_value
from sweep.study.transforms import TRANSFORMS, RowKind

STUDIES = Path(__file__).parents[2] / "studies"
INNER_TABLES: Mapping[str, tuple[type[TomlTable], ...]] = {
    "study.metrics": (MetricSettings,),
    "search.strength": (StrengthSettings,),
    "search.timescale": (TimescaleSettings,),
    "search.axes.<name>": (RangeAxis, ChoiceAxis),
}
WORDS = {int: "whole number", float: "number", str: "text", bool: "true or false", dict: "table"}
BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}

EXAMPLE: Mapping[str, object] = {
    "study.name": "mine",
    "study.question": "How much decay does my network need?",
    "data.name": "digits",
    "search.strength": {"low": 1e-6, "high": 10.0, "l1": {"low": 1e-5, "high": 0.1}},
    "search.axes": {"lr": {"low": 3e-4, "high": 1e-2, "scale": "log"}},
}
"""What the example says other than the defaults."""
IDLE: Mapping[str, object] = {
    "study.maximize": True,
    "study.metrics": ("balanced_accuracy", "auroc"),
    "data.path": "table.csv",
    "data.size": (32, 32),
    "data.color_mode": "auto",
    "data.pad": 0,
    "data.mask": "mask",
    "data.lengths": "lengths",
    "data.collate": "data.py:collate",
    "data.target": "price",
    "data.groups": "patient",
    "data.time": "day",
    "data.window": "expanding",
    "data.gap": 0,
    "data.split": "part",
    "data.weight": "weight",
    "data.n_folds": 5,
    "data.args": {"num_samples": 4000},
    "data.cache": "cache",
    "model.args": {"width": 64},
    "model.outputs": 10,
    "model.output": "logits",
    "training.function": "train.py:train",
    "training.command": ("python", "train.py", "--wd", "{strength}", "--seed", "{seed}"),
    "training.run_seconds": 3600.0,
    "training.null_loss": 2.3,
    "training.class_weight": {"3": 2.0},
    "training.pos_weight": 3.0,
    "training.delta": 1.0,
    "training.quantiles": (0.1, 0.5, 0.9),
    "training.recipe": "adamw_cosine",
    "training.momentum": 0.9,
    "training.dampening": 0.0,
    "training.nesterov": True,
    "training.beta1": 0.9,
    "training.beta2": 0.999,
    "training.eps": 1e-8,
    "training.amsgrad": True,
    "training.momentum_decay": 4e-3,
    "training.adjust_lr": "match_rms_adamw",
    "training.warmup": 0.05,
    "training.final_lr": 0.0,
    "training.milestones": (0.5, 0.75),
    "training.gamma": 0.1,
    "training.cooldown": 0.2,
    "search.timescale": {"low": 0.03, "high": 30.0},
    "search.startup": 32,
    "path.runs": 70,
    "hardware.cpus": 2,
    "hardware.gpus": 0.25,
    "report.ignore": ("RS104",),
}
"""Keys that the example only shows, since they belong to another choice."""


def render_reference(studies: Path = STUDIES) -> str:
    """The Markdown text of ``studies/README.md`` for the study files in ``studies``."""
    return "\n".join([*_opening(studies), *_keys(), *_closing()]) + "\n"


# ---- the parts of the page ---------------------------------------------------------------------


def _opening(studies: Path) -> Iterator[str]:
    yield from (
        "<!-- Printed from sweep/study/settings.py by `make docs` "
        "(python -m sweep.study._reference). Change it there. -->",
        "# Study files",
        "",
        "A study is one question about one network and one data set: how much regularization, of "
        "which kind, on which layers? It is one TOML file.",
        "",
        "## The studies here",
        "",
        "| file | question |",
        "| --- | --- |",
    )
    for path in sorted(studies.glob("*.toml")):
        yield f"| [{path.name}]({path.name}) | {_cell(load_study(path).study.question)} |"
    yield from (
        "",
        "## Running one",
        "",
        "```",
        "make sweep                                      # studies/mnist1d.toml",
        "make sweep STUDY=studies/digits.toml            # another one",
        "python -m sweep check studies/digits.toml       # only look for mistakes",
        "python -m sweep run studies/digits.toml --database sqlite:///sweep.db",
        "```",
        "",
        "Launching a study again goes on with it. A study whose settings have changed needs a new "
        "name; `[hardware]`, `[report]`, the question and `search.control` may change freely.",
        "",
        "All faults are reported, one a line: where, which rule, what was found, what to do. "
        "Unknown keys are refused. Paths are relative to the study file.",
        "",
    )


def _keys() -> Iterator[str]:
    yield from ("## Every key", "")
    for name, table in TABLES.items():
        yield from _table(name, (table,))
        for inner, kinds in INNER_TABLES.items():
            if inner.startswith(f"{name}."):
                yield from _table(inner, kinds)
        if name == "training":
            yield from _transforms()
    yield from _regularizers()
    yield from _metrics()


def _transforms() -> Iterator[str]:
    yield from (
        "### Transforms of rows",
        "",
        "What `training.augment` may name. Each row of a batch has its own random numbers. An "
        "image is a row (channels, height, width), a series (steps,), or (channels, steps) or "
        "(steps, channels), where `axis = 1` or `axis = 0` says which is time; `any` is any row. "
        '`padding` is `"zeros"` (the default), `"reflect"` or `"circular"`. 0 leaves rows as they '
        "are. Those that move numbers within a row want `data.standardize = false`.",
        "",
        "| name | rows | amount | default | what it does | other keys |",
        "| --- | --- | --- | --- | --- | --- |",
    )
    for t in TRANSFORMS.values():
        keys = ["`padding`"] * t.has_padding + ["`axis`"] * (t.rows is RowKind.SERIES)
        cells = (f"`{t.name}`", t.rows, f"`{t.key}`", f"{t.usual:g}", t.meaning, ", ".join(keys))
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield ""


def _regularizers() -> Iterator[str]:
    yield from (
        "### Regularizers",
        "",
        "What `search.penalties` and `search.cocktail` may name. A strength is never negative; 0 "
        "is the absence, which every path has as its anchor. Those that act on weights have a "
        "strength for every layer; the others have one for a run. A range is searched where "
        "`search.strength` gives none: the shared one, or that of the last column.",
        "",
        "| name | formula (s the strength) | a larger strength ... | from | range |",
        "| --- | --- | --- | --- | --- |",
    )
    for r in REGULARIZERS.values():
        own = "shared" if r.low is None else f"{r.low:g} to {r.high:g}"
        cells = (f"`{r.name}`", r.formula, r.stronger, r.source, own)
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield ""


def _metrics() -> Iterator[str]:
    yield from (
        "### Metrics",
        "",
        "What `study.metrics` may name, as scikit-learn has it; the column of the validation rows, "
        "`val_f1`, may be the objective. Of two classes f1, precision, recall, auroc and "
        "average_precision are those of the second in the order of the classes; of more they are "
        "the mean over classes, each against the rest, and of several labels the mean over labels. "
        "Outputs are taken as logits, under a loss of your own too. Metrics of numbers are of the "
        "targets as the network learns them, scaled where `data.standardize` scales them, and "
        "means over outputs. A metric that is not defined is refused: for want of a class in a "
        "part, or of targets that differ.",
        "",
        "| name | of | better | what it is |",
        "| --- | --- | --- | --- |",
    )
    for kind in METRICS.values():
        of = "classes" if kind.task == CLASSIFICATION else "numbers"
        cells = (f"`{kind.name}`", of, "more" if kind.maximize else "less", kind.meaning)
        yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield ""


def _table(name: str, kinds: tuple[type[TomlTable], ...]) -> Iterator[str]:
    yield from (f"### `[{name}]`", "")
    yield " Or: ".join((kind.__doc__ or "").strip() for kind in kinds)
    yield from ("", "| key | type | default | meaning |", "| --- | --- | --- | --- |")
    for kind in kinds:
        for key, field in kind.model_fields.items():
            if not field.exclude:
                cells = (f"`{key}`", _type(field), _default(field), field.description or "")
                yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield ""


def _closing() -> Iterator[str]:
    yield from (
        "## A complete example",
        "",
        "Only `study.name` and `data.name` must be given. Keys behind `#` belong to other choices.",
        "",
        "```toml",
        example().rstrip(),
        "```",
        "",
        "TOML closes what is written in braces: to set one penalty apart, write its range inside "
        "them, as above, or give every key a line of its own: `strength.low = 1e-6`, "
        "`strength.l1 = { low = 1e-5, high = 0.1 }`.",
        "",
        "## From Python",
        "",
        "```python",
        "import sweep",
        "",
        "study = sweep.Study(",
        '    study={"name": "mine"},',
        "    data=(x, y),        # or a function, or a dict of the keys of [data]",
        "    model=make_model,   # a function returning an nn.Module, or a dict",
        '    search={"penalties": ["decay"], "strength": {"low": 1e-3, "high": 10.0}},',
        ")",
        "```",
        "",
        "Every argument is a table of the study file. `data` may hold `x` and `y` beside its other "
        'keys: `data={"x": x, "y": y, "design": "kfold"}`; there `groups`, `time`, `split` and '
        "`weight` are arrays of one value for each row (`split` also a dict of the row numbers of "
        "`train`, `validation` and `test`), and `design` may be a scikit-learn splitter, whose "
        'splits are the draws. Other forms of rows: `data=dataset`, `data={"train": dataset, '
        '"validation": other, "test": third}` (Datasets, pairs, dicts or DataFrames), and '
        '`data={"rows": frame, "target": "price", "groups": "patient"}` for a DataFrame. What a '
        "data function returns may have these forms too.",
    )


def example() -> str:
    """A study file with every key in it, commented."""
    return "\n".join(line for name, table in TABLES.items() for line in _example_lines(name, table))


def _example_lines(name: str, table: type[TomlTable]) -> Iterator[str]:
    yield from (f"[{name}]", f"# {table.__doc__}", "")
    for key, field in table.model_fields.items():
        place = f"{name}.{key}"
        if field.exclude:
            continue
        value = IDLE[place] if place in IDLE else EXAMPLE.get(place, field.default)
        line = f"{'# ' * (place in IDLE)}{key} = {toml_value(value)}"
        meaning = str(field.description).replace("`", "")
        yield from (*(f"# {part}" for part in textwrap.wrap(meaning, 90)), line, "")


# ---- cells -------------------------------------------------------------------------------------


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    if field.default is None:
        return "left out"
    value = field.default
    if isinstance(value, TomlTable):
        value = value.model_dump(exclude_none=True)
    return f"`{toml_value(value)}`"


def _type(field: Any) -> str:
    """The type of a key in words, with its bounds."""
    bounds = [
        f"{sign} {_number(getattr(limit, name))}"
        for name, sign in BOUNDS.items()
        for limit in field.metadata
        if getattr(limit, name, None) is not None
    ]
    return ", ".join([_words(field.annotation), *bounds])


def _number(bound: float) -> str:
    return "2^63" if bound == 2**63 else f"{bound:,}".replace(",", " ")


def _words(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(inner[0])
    if origin is Literal:
        return _either([f"`{word}`" for word in inner])
    if origin in (Union, types.UnionType):
        known = [_words(kind) for kind in inner if kind is not type(None)]
        return _either([word for word in known if word])
    if origin is tuple:
        return f"list: {_words(inner[0])}"
    if isinstance(annotation, type) and issubclass(annotation, TomlTable):
        return "table"
    return WORDS.get(origin or annotation, "")


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1])] * (len(words) > 1) + words[-1:])


def main() -> None:
    """Writes ``studies/README.md``."""
    target = STUDIES / "README.md"
    target.write_text(render_reference(), encoding="utf-8")
    sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()

"""Faults come all at once, each at its place, with a suggestion."""

from __future__ import annotations

import pytest

from tests.support.studies import LEAST, faults_of


def test_three_mistakes_come_together() -> None:
    assert faults_of(
        '[study]\nname = "l1"\n[data]\nname = "digits"\n[training]\nlrr = 1e-3\n'
        "[search]\nstrength = { low = 0.0, high = 0.1 }\n[path]\npoints = 13\nresamples = 1\n"
    ) == [
        "s.toml: training.lrr: unknown key; did you mean lr?",
        "s.toml: search.strength: 0 < low < high must hold, got low=0.0, high=0.1; "
        "zero strength is tried anyway, so begin above it",
        "s.toml: path.resamples: a path needs at least 2 for its error bars, found 1; "
        "5 is the floor for a usable interval",
    ]


def test_rules_between_tables_report_beside_simple_faults() -> None:
    faults = faults_of(LEAST + '[search]\ntrials = "x"\npruner = "wilcoxon"\nlayers = "deep"\n')
    assert [fault.split(": ")[1] for fault in faults] == [
        "search.layers",
        "search.trials",
        "search.resamples",
    ]


def test_a_rule_is_silent_on_faulty_keys() -> None:
    faults = faults_of(LEAST + '[search]\ntrials = "x"\nstartup = 100\n')
    assert len(faults) == 1
    assert faults[0].startswith("s.toml: search.trials: a whole number must be given, found 'x'")


def test_an_empty_file_lacks_two_names() -> None:
    assert faults_of("") == [
        's.toml: study.name: it must be given, found nothing; write for example name = "mine"',
        's.toml: data.name: it must be given, found nothing; write for example name = "mnist1d"',
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[trainig]\nlr = 1", "trainig: unknown key; did you mean training?"),
        ("[training]\nLR = 1", "training.LR: unknown key; did you mean lr?"),
        (
            "[training]\nmax_grad_norm = 1",
            "training.max_grad_norm: unknown key; did you mean clip_norm?",
        ),
        ("[training]\npct_start = 0.3", "training.pct_start: unknown key; did you mean warmup?"),
        ("[training]\ntrials = 1", "training.trials: unknown key; did you mean search.trials?"),
        (
            "[training]\nweight_decay = 0.1",
            "training.weight_decay: unknown key; decay is what is searched: search.penalties = "
            '["decay"] as AdamW has it, ["l2"] as SGD and Adam do, at the strengths of '
            "search.strength",
        ),
        (
            "[training]\nbetas = [0.9, 0.99]",
            "training.betas: unknown key; its two numbers are beta1 and beta2: write beta1 = 0.9, "
            "beta2 = 0.999",
        ),
        ('[training]\ncriterion = "bce"', "training.criterion: unknown key; did you mean loss?"),
        (
            '[training]\nlr_scheduler = "cosine"',
            "training.lr_scheduler: unknown key; did you mean schedule?",
        ),
        (
            "[path]\nzzz = 1",
            "path.zzz: unknown key; known here: points, ladder, width, layers, resamples, "
            "runs, row_losses",
        ),
        (
            "[search.strength]\nlow = 1\nhigh = 2\nl3 = 1",
            "search.strength.l3: unknown key; known here: low, high, <regularizer>",
        ),
        (
            "[search]\naxes.lr = { low = 1e-3, hihg = 1e-1, high = 1 }",
            "search.axes.lr.hihg: unknown key; did you mean high?",
        ),
        ('[data]\n"a\\nb" = 1', None),
    ],
)
def test_unknown_keys_are_refused_with_a_suggestion(text: str, fault: str | None) -> None:
    if fault is None:
        lines = faults_of('[study]\nname = "mine"\n[data]\nname = "digits"\n"a\\nb" = 1')
        assert lines == [lines[0]]
        assert lines[0].startswith('s.toml: data."a\\nb": unknown key; known here: name, path')
        assert "x, y" not in lines[0]
    else:
        assert faults_of(LEAST + text) == [f"s.toml: {fault}"]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ('[search]\ninclude = "words"', 'write include = ["words"]'),
        ('[training]\nlr = "2e-3"', "write lr = 0.002 without quotes"),
        ('[training]\nepochs = "8"', "write epochs = 8 without quotes"),
        ('[training]\nepochs = "8.5"', "the default is 40"),
        ('[training]\nlr = "nan"', "the default is 0.001"),
        ('[training]\nlr = "fast"', "the default is 0.001"),
        ("[search]\ninclude = 3", "the default is []"),
    ],
)
def test_a_text_that_should_be_a_list_or_a_number_is_written_as_one(text: str, advice: str) -> None:
    (fault,) = faults_of(LEAST + text)
    assert fault.endswith(f"; {advice}")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ('[search]\npenalties = ["dekay"]', "search.penalties[0]: one of none, l2,", "decay?"),
        (
            '[search]\npenalties = ["weight_decay"]',
            "search.penalties[0]: a penalty by its name here must be given, found 'weight_decay'",
            "the names here are decay (decoupled, as AdamW has it) and l2 (in the gradient, as SGD "
            "and Adam have it)",
        ),
        (
            '[training]\nschedule = "step"\nmilestones = [60]',
            "training.milestones[0]: a number below 1 must be given, found 60",
            "they are shares of the run: epoch 60 of 160 is 0.375",
        ),
        ('[search]\nsampler = "tpee"', "search.sampler: one of tpe, qmc,", "did you mean tpe?"),
        ('[search]\npruner = "wilcox"', "search.pruner: one of", "did you mean wilcoxon?"),
        ('[search]\nlayers = "xyz"', "search.layers: one of", "choose one of them"),
        ('[training]\noptimizer = "Adam"', "training.optimizer: one of", "did you mean adam?"),
        ('[model]\nactivation = "rellu"', "model.activation: one of", "did you mean relu?"),
        ('[model]\nname = "mpl"', "model.name: one of mlp, cnn, linear,", "did you mean mlp?"),
        ("[search.axes]\nlrr = {low = 1e-3, high = 1}", "search.axes.lrr: one of lr,", None),
    ],
)
def test_unknown_choices_are_refused_with_a_suggestion(
    text: str, start: str, end: str | None
) -> None:
    (fault,) = faults_of(LEAST + text)
    assert fault.startswith(f"s.toml: {start}")
    assert fault.endswith(end or "did you mean lr? (strength is set by search.strength)")


@pytest.mark.parametrize(
    ("table", "line", "fault"),
    [
        ("data", 'design = "resampel"', "one of fresh, resample, kfold, holdout"),
        ("data", 'name = "digit"', "did you mean digits?"),
        ("study", 'objective = "val_acc"', "did you mean val_accuracy?"),
    ],
)
def test_choices_of_the_required_tables_are_checked(table: str, line: str, fault: str) -> None:
    rows = {"study": ['name = "mine"'], "data": ['name = "digits"']}
    rows[table] = [row for row in rows[table] if row[:4] != line[:4]] + [line]
    text = "\n".join(f"[{name}]\n" + "\n".join(lines) for name, lines in rows.items())
    (found,) = faults_of(text)
    assert found.startswith(f"s.toml: {table}.{line.split(' ')[0]}: ")
    assert fault in found

"""Settings: their defaults, and strict types and bounds."""

from __future__ import annotations

import pytest

from sweep.study.axes import RangeAxis
from tests.support.studies import LEAST, faults_from_python, faults_of, parse


def test_two_names_suffice_with_the_documented_defaults() -> None:
    study = parse(LEAST)
    assert (study.study.name, study.study.seed, study.study.objective) == ("mine", 0, "val_loss")
    assert (study.data.design, study.data.n_folds, study.data.standardize) == (
        "resample",
        5,
        "auto",
    )
    assert (study.data.test_fraction, study.data.validation_fraction) == (0.2, 0.2)
    assert (study.model.name, study.model.hidden, study.model.channels) == (
        "mlp",
        (100, 100),
        (16, 32),
    )
    assert (study.training.optimizer, study.training.lr, study.training.momentum) == (
        "adamw",
        1e-3,
        None,
    )
    assert (study.training.epochs, study.training.batch_size) == (40, 64)
    assert study.search.penalties == ("l2", "decay", "l1")
    assert (study.search.trials, study.search.resamples, study.search.round) == (64, 1, 16)
    assert (study.search.startup, study.search.sampler, study.search.pruner) == (
        None,
        "tpe",
        "halving",
    )
    assert study.search.axes == {}
    assert (study.path.points, study.path.resamples) == (13, 5)
    assert (study.hardware.device, study.hardware.population) == ("auto", "auto")


def test_the_study_of_the_design_document_is_sound() -> None:
    study = parse(
        """
        [study]
        name = "mnist1d"
        question = "How much decay does a small MLP on MNIST-1D need, and on which layers?"
        seed = 0
        objective = "val_loss"
        [data]
        name = "mnist1d"
        design = "fresh"
        test_fraction = 0.2
        [model]
        name = "mlp"
        hidden = [100, 100]
        [training]
        optimizer = "adamw"
        lr = 2e-3
        epochs = 40
        batch_size = 64
        [search]
        penalties = ["l2", "decay", "l1"]
        strength = { low = 1e-6, high = 1e1 }
        layers = "shared"
        trials = 64
        sampler = "tpe"
        pruner = "halving"
        axes.lr = { low = 3e-4, high = 1e-2, scale = "log" }
        [path]
        points = 13
        resamples = 5
        [hardware]
        device = "auto"
        population = "auto"
        precision = "float32"
        """
    )
    axis = study.search.axes["lr"]
    assert isinstance(axis, RangeAxis)
    assert (axis.choices, axis.low, axis.high, axis.scale) == (None, 3e-4, 1e-2, "log")
    assert study.search.range("l1") == (1e-6, 10.0)


@pytest.mark.parametrize(
    "text",
    [
        "[search.strength]\nlow = 1e-4\nhigh = 1\nl1 = { low = 1e-5, high = 1e-1 }",
        "[search]\nstrength.low = 1e-4\nstrength.high = 1\nstrength.l1 = {low = 1e-5, high = 0.1}",
        "[search]\nstrength = { high = 1, low = 1e-4, l1 = { high = 0.1, low = 1e-5 } }",
    ],
)
def test_a_penalty_has_its_own_or_shared_range(text: str) -> None:
    study = parse(LEAST + text)
    assert study.search.range("l1") == (1e-5, 0.1)
    assert study.search.range("decay") == (1e-4, 1.0)


def test_none_has_no_range_of_strengths() -> None:
    with pytest.raises(ValueError, match="'none' has no strength"):
        parse(LEAST).search.range("none")


def test_whole_numbers_stand_for_numbers() -> None:
    study = parse(LEAST + "[training]\nlr = 1\n[search.strength]\nlow = 1\nhigh = 2")
    assert type(study.training.lr) is float
    assert study.search.range("l2") == (1.0, 2.0)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[training]\nlr = "0.1"', "training.lr: a number must be given, found '0.1'"),
        ("[training]\nlr = true", "training.lr: a number must be given, found True"),
        ("[training]\nlr = nan", "training.lr: a finite number must be given, found nan"),
        (
            "[training]\nlr = inf",
            "training.lr: a finite number must be given, found inf",
        ),
        ("[training]\nlr = 0", "training.lr: a number above 0 must be given, found 0"),
        ("[training]\nepochs = 1.0", "training.epochs: a whole number must be given, found 1.0"),
        ("[training]\nepochs = true", "training.epochs: a whole number must be given, found True"),
        (
            "[training]\nepochs = 0",
            "training.epochs: a number of at least 1 must be given, found 0",
        ),
        ("[training]\nbatch_size = 0", "training.batch_size: a number of at least 1 must"),
        ("[model]\nhidden = []", "model.hidden: at least 1 values must be given, found []"),
        ("[model]\nhidden = 3", "model.hidden: a list must be given, found 3"),
        ("[model]\nhidden = [8, 0]", "model.hidden[1]: a number of at least 1 must be given"),
        ("[model]\nhidden = [true]", "model.hidden[0]: a whole number must be given, found True"),
        ("[model]\nbatch_norm = 1", "model.batch_norm: true or false must be given, found 1"),
        ("[search]\npenalties = []", "search.penalties: at least 1 values must be given"),
        (
            '[search]\npenalties = ["l1", "l1"]',
            "search.penalties: every penalty must be given once, found l1 twice; remove one",
        ),
        ("[search]\ntrials = 0", "search.trials: a number of at least 1 must be given, found 0"),
        ("[search]\ntrials = 100001", "search.trials: a number of at most 100000 must be given"),
        ("[search]\nround = 0", "search.round: a number of at least 1 must be given, found 0"),
        ("[search]\nstrength = 3", "search.strength: a table must be given, found 3"),
        ("[search]\naxes = 3", "search.axes: a table must be given, found 3"),
        ("[search]\naxes.lr = 3", "search.axes.lr: a table must be given, found 3"),
        (
            "[search]\nstrength.l1 = { low = 1.0 }",
            "search.strength.l1.high: it must be given, found nothing; "
            "write for example high = 10.0",
        ),
        ("[path]\nresamples = 0", "path.resamples: a number of at least 1 must be given"),
        ("[hardware]\npopulation = 0", "hardware.population: a whole number from 1 to 100000 or"),
        ("[hardware]\npopulation = true", "hardware.population: a whole number from 1 to 100000"),
        ('[hardware]\npopulation = "all"', "hardware.population: a whole number from 1 to 100000"),
        ('[hardware]\ndevice = "gpu"', "hardware.device: auto, cpu, cuda, cuda:N or mps must be"),
        (
            '[hardware]\nprecision = "float16"',
            "hardware.precision: one of float32, float64, bfloat16 must",
        ),
        (
            '[report]\nignore = ["RS301", "RS999"]',
            "report.ignore[1]: the code of a check must be given, RS101 to RS507, found 'RS999'; "
            "choose one of them",
        ),
        (
            '[report]\nignore = ["rs104"]',
            "report.ignore[0]: the code of a check must be given, RS101 to RS507, found 'rs104'; "
            "did you mean RS104?",
        ),
        ('[report]\nignore = "RS104"', "report.ignore: a list must be given, found 'RS104'"),
    ],
)
def test_types_and_bounds_are_strict(text: str, fault: str) -> None:
    found = faults_of(LEAST + text)
    assert found[0].startswith(f"s.toml: {fault}")
    assert "; " in found[0]
    assert len(found) == 1


@pytest.mark.parametrize(
    "name", ["", " ", " a", "a ", "a\nb", "a\0b", "x" * 201, "\u200b", "\ud800"], ids=repr
)
def test_a_name_that_cannot_be_printed_is_refused(name: str) -> None:
    (fault,) = faults_from_python(study={"name": name}, data={"name": "digits"})
    assert fault.startswith("Study(...): study.name: 1 to 200 printable characters without a space")
    assert fault.isprintable()


@pytest.mark.parametrize("name", ["a", "x" * 200, "Größe 2/3", "数字", "a b-c_d.e"])
def test_a_name_may_be_any_printable_text(name: str) -> None:
    assert parse(LEAST.replace("mine", name)).study.name == name


def test_a_table_must_be_a_table() -> None:
    assert faults_of(f"search = 3\n{LEAST}") == [
        "s.toml: search: a table must be given, found 3; write [search] and its keys below"
    ]
    (fault,) = faults_of('study = [1]\n[data]\nname = "digits"\n')
    assert fault.startswith("s.toml: study: a table must be given, found [1]")

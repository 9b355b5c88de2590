"""The rules that join several keys of a study: what breaks them, and what is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.errors import StudyError
from sweep.study.loading import parse_study

LEAST = '[study]\nname = "mine"\n[data]\nname = "digits"\n'
CSV = '[study]\nname = "mine"\n[data]\nname = "csv"\n'
RULES = {
    "fresh needs a generator": (
        LEAST + 'design = "fresh"',
        "data.design: fresh needs data that can be drawn anew, found digits, one finite data set; "
        'set design = "resample", or name mnist1d or a function that takes seed',
    ),
    "shares leave training rows": (
        LEAST + "test_fraction = 0.5\nvalidation_fraction = 0.5",
        "data.validation_fraction: test_fraction + validation_fraction < 1 must hold, got "
        "0.5 + 0.5; the rest is what runs train on",
    ),
    "one fold is none": (
        LEAST + 'design = "kfold"\nn_folds = 1',
        "data.n_folds: a number of at least 2 must be given, found 1; the default is 5",
    ),
    "folds without kfold": (
        LEAST + "n_folds = 5",
        "data.n_folds: only the kfold design has folds, found design = 'resample'; "
        'remove n_folds or set design = "kfold"',
    ),
    "accuracy of a known regression": (
        '[study]\nname = "mine"\nobjective = "val_accuracy"\n[data]\nname = "diabetes"',
        "study.objective: accuracy needs classes, found a regression ('diabetes'); "
        'set objective = "val_loss"',
    ),
    "accuracy of a declared regression": (
        '[study]\nname = "mine"\nobjective = "val_accuracy"\n[data]\nname = "a.b:c"\n'
        'task = "regression"',
        "study.objective: accuracy needs classes, found a regression ('a.b:c'); "
        'set objective = "val_loss"',
    ),
    "a path for no file": (
        LEAST + 'path = "a.csv"',
        "data.path: only csv, parquet and images take it, found 'a.csv' with data.name = 'digits'; "
        "remove it or change the name",
    ),
    "a csv without a path": (
        CSV + 'target = "y"',
        "data.path: csv needs a file, found nothing; add path = ...",
    ),
    "a csv without a target": (
        CSV + 'path = "here.csv"',
        "data.target: csv needs the column to predict, found nothing; add target = ...",
    ),
    "a csv that is none": (
        CSV + 'target = "y"\npath = "here.txt"',
        "data.path: a csv file's name must end with .csv or .CSV, found 'here.txt'; "
        "rename the file or change data.name",
    ),
    "a csv that is not there": (
        CSV + 'target = "y"\npath = "gone.csv"',
        "data.path: the file must exist, found no 'gone.csv' in FOLDER; "
        "paths are relative to the study",
    ),
    "a csv whose name no system takes": (
        CSV + 'target = "y"\npath = "a\\u0000.csv"',
        "data.path: the file must exist, found no 'a\\x00.csv' in FOLDER; "
        "paths are relative to the study",
    ),
    "a finite file drawn afresh": (
        CSV + 'target = "y"\npath = "here.csv"\ndesign = "fresh"',
        "data.design: fresh needs data that can be drawn anew, found csv, one finite data set; "
        'set design = "resample", or name mnist1d or a function that takes seed',
    ),
    "a function's file that is not there": (
        LEAST + '[model]\nname = "gone.py:make"',
        "model.name: the file must exist, found no 'gone.py' in FOLDER; "
        "paths are relative to the study",
    ),
    "a file without a function": (
        LEAST + '[model]\nname = "here.py"',
        'model.name: one of mlp, cnn, linear, "file.py:function" or "package.module:function" must '
        'be given, found \'here.py\'; write "file.py:function" or "package.module:function"',
    ),
    "arguments for no function": (
        LEAST + "[model]\nargs = { width = 3 }",
        "model.args: only a function takes arguments, found {'width': 3} with name = 'mlp'; "
        "remove args",
    ),
    "arguments that cannot be kept": (
        LEAST.replace("digits", "a:b") + "args = { when = 1979-05-27 }",
        "data.args: numbers, text, true, false and lists or tables of them must be given, found "
        "'when' = datetime.date(1979, 5, 27); make other values in the function itself",
    ),
    "arrays in a file": (
        LEAST.replace("digits", "arrays"),
        "data.name: 'arrays' stands for x and y given from Python, found no such arrays; launch "
        "the study from Python with data=(x, y), or name a data set",
    ),
    "array keys in a file": (
        LEAST + "x = [1]",
        "data.x: arrays can be given from Python only, found [1]; remove x",
    ),
    "a momentum for adam": (
        LEAST + '[training]\noptimizer = "adam"\nmomentum = 0.5',
        "training.momentum: only sgd, rmsprop, muon have momentum, found optimizer = 'adam'; "
        'remove it or set training.optimizer = "sgd"',
    ),
    "a momentum axis for adamw": (
        LEAST + '[search]\naxes.momentum = { low = 0.5, high = 0.9, scale = "linear" }',
        "search.axes.momentum: only sgd, rmsprop, muon have momentum, found optimizer = 'adamw'; "
        'remove it or set training.optimizer = "sgd"',
    ),
    "an axis upside down": (
        LEAST + "[search]\naxes.lr = { low = 1.0, high = 0.1 }",
        "search.axes.lr: low < high must hold, got low=1.0, high=0.1; "
        "exchange them, or leave the axis out",
    ),
    "a logarithm of nothing": (
        LEAST + '[training]\noptimizer = "sgd"\n[search]\naxes.momentum = { low = 0, high = 0.9 }',
        "search.axes.momentum: 0 < low must hold on a log scale, got low=0.0; "
        'raise it or set scale = "linear"',
    ),
    "whole numbers between fractions": (
        LEAST + "[search]\naxes.lr = { low = 0.5, high = 2, integer = true }",
        "search.axes.lr: whole bounds must be given with integer = true, got low=0.5, high=2.0; "
        "round them",
    ),
    "a momentum beyond 1": (
        LEAST + '[training]\noptimizer = "sgd"\n[search]\naxes.momentum = { choices = [0.5, 1.0] }',
        "search.axes.momentum: 0 <= momentum < 1 must hold, found 1.0; change the axis",
    ),
    "a learning rate of 0": (
        LEAST + "[search]\naxes.lr = { choices = [0, 0.1] }",
        "search.axes.lr: 0 < lr <= 1000 must hold, found 0; change the axis",
    ),
    "a choice of words": (
        LEAST + '[search]\naxes.lr = { choices = ["low", 0.1] }',
        "search.axes.lr: 0 < lr <= 1000 must hold, found 'low'; change the axis",
    ),
    "a choice made twice": (
        LEAST + "[search]\naxes.lr = { choices = [0.1, 0.1] }",
        "search.axes.lr.choices: every choice must be given once, found 0.1 twice; remove one",
    ),
    "no choice": (
        LEAST + "[search]\naxes.lr = { choices = [0.1] }",
        "search.axes.lr.choices: at least 2 values must be given, found [0.1]; "
        "write for example choices = [0.1, 0.3]",
    ),
    "a choice that is not finite": (
        LEAST + "[search]\naxes.lr = { choices = [0.1, inf] }",
        "search.axes.lr.choices: finite numbers must be given, found inf; replace it",
    ),
    "choices and bounds": (
        LEAST + "[search]\naxes.lr = { choices = [0.1, 0.2], low = 1 }",
        "search.axes.lr: either choices or low and high must be given, found choices and low; "
        "remove one of them",
    ),
    "a share of labels that is the whole": (
        LEAST + "[search]\naxes.label_smoothing = { choices = [0.0, 1.0] }",
        "search.axes.label_smoothing: 0 <= label_smoothing < 1 must hold, found 1.0; "
        "change the axis",
    ),
    "noise below nothing": (
        LEAST + "[training]\ninput_noise = -0.1",
        "training.input_noise: a number of at least 0 must be given, found -0.1; "
        "the default is 0.0",
    ),
    "patience of a fraction": (
        LEAST + '[search]\naxes.patience = { low = 1, high = 9, scale = "linear" }',
        "search.axes.patience: whole numbers must be searched, found integer = false; "
        "set integer = true or give choices",
    ),
    "patience of a half": (
        LEAST + "[search]\naxes.patience = { choices = [2.5, 3] }",
        "search.axes.patience: whole numbers must be given, found 2.5; change the axis",
    ),
    "smoothed numbers": (
        LEAST.replace("digits", "diabetes") + "[training]\nlabel_smoothing = 0.1",
        "training.label_smoothing: labels that can be smoothed are classes, found a regression "
        "('diabetes'); leave it out",
    ),
    "smoothed numbers on an axis": (
        LEAST.replace("digits", "a.b:c") + 'task = "regression"\n'
        "[search]\naxes.label_smoothing = { choices = [0.0, 0.1] }",
        "search.axes.label_smoothing: labels that can be smoothed are classes, found a regression "
        "('a.b:c'); leave it out",
    ),
    "nothing to mix with": (
        LEAST + "[training]\nmixup = 0.2\nbatch_size = 1",
        "training.mixup: a row is mixed with another of its batch, found batch_size = 1; "
        "raise that or leave mixup out",
    ),
    "nothing to mix with on an axis": (
        LEAST + "[search]\naxes.mixup = { low = 0.1, high = 1 }\n"
        "axes.batch_size = { low = 1, high = 64, integer = true }",
        "search.axes.mixup: a row is mixed with another of its batch, found batch_size = 1; "
        "raise that or leave mixup out",
    ),
    "a strength for a penalty that is not there": (
        LEAST + '[search]\npenalties = ["l2"]\nstrength.l1 = { low = 1e-3, high = 1.0 }',
        "search.strength.l1: a penalty of the study must be named, found search.penalties = "
        "['l2']; add l1 there or remove its range",
    ),
    "strengths upside down": (
        LEAST + "[search]\nstrength.l1 = { low = 2, high = 1.0 }",
        "search.strength.l1: 0 < low < high must hold, got low=2.0, high=1.0; "
        "zero strength is tried anyway, so begin above it",
    ),
    "strengths beyond float32": (
        LEAST + "[search]\nstrength = { low = 1e-40, high = 1.0 }",
        "search.strength: strengths from 1e-30 to 1e+30 must be given, got low=1e-40, high=1.0; "
        "narrow the range",
    ),
    "layers of nothing": (
        LEAST + '[search]\npenalties = ["none"]\nlayers = "free"',
        "search.layers: free needs a penalty other than none, found search.penalties = ['none']; "
        'add one, or set layers = "shared"',
    ),
    "a profile of nothing": (
        LEAST + '[search]\npenalties = ["none"]\nprofile = "cpr"',
        "search.profile: cpr needs a penalty other than none, found search.penalties = ['none']; "
        'add one, or set profile = "even"',
    ),
    "groups of nothing": (
        LEAST + '[search]\npenalties = ["none"]\nlayers = { a = "*" }',
        "search.layers: a table of groups needs a penalty other than none, found "
        "search.penalties = ['none']; add one, or set layers = \"shared\"",
    ),
    "a group without patterns": (
        LEAST + "[search]\nlayers = { a = [] }",
        "search.layers.a: at least 1 values must be given, found []; studies/README.md says what "
        "a takes",
    ),
    "no groups": (
        LEAST + "[search]\nlayers = {}",
        'search.layers: at least 1 values must be given, found {}; the default is "shared"',
    ),
    "a group of numbers": (
        LEAST + "[search]\nlayers = { a = [3] }",
        "search.layers.a[0]: text must be given, found 3; studies/README.md says what a takes",
    ),
    "a profile for many networks": (
        LEAST + '[search]\nprofile = "gradient"\naxes.model.width = { choices = [4, 8] }',
        'search.axes."model.width": strengths of single layers need one network, found '
        "search.profile = 'gradient'; set it to even or leave the axis out",
    ),
    "two ranges of decay": (
        LEAST + "[search]\nstrength.decay = { low = 1e-3, high = 1.0 }\n"
        "timescale = { low = 0.03, high = 30.0 }",
        "search.timescale: decay must have one range, found search.strength.decay beside it; "
        "remove one of them",
    ),
    "a timescale without decay": (
        LEAST + '[search]\npenalties = ["l1"]\ntimescale = { low = 0.03, high = 30.0 }',
        "search.timescale: decay or decay_independent must be a penalty of the study, found "
        "search.penalties = ['l1']; add one there or remove timescale",
    ),
    "a timescale upside down": (
        LEAST + "[search]\ntimescale = { low = 30, high = 0.03 }",
        "search.timescale: low < high must hold, got low=30.0, high=0.03; exchange them",
    ),
    "a timescale of half a range": (
        LEAST + "[search]\ntimescale = { low = 0.1 }",
        "search.timescale.high: it must be given, found nothing; write for example high = 30.0",
    ),
    "a beginning longer than the whole": (
        LEAST + "[search]\ntrials = 10\nstartup = 11",
        "search.startup: startup <= trials must hold, got 11 > 10; "
        "lower it, or leave it out for half of the trials",
    ),
    "a test of pairs without pairs": (
        LEAST + '[search]\npruner = "wilcoxon"\nresamples = 4',
        "search.resamples: the wilcoxon pruner compares at least 5 paired runs, found 4; "
        'raise it, or set pruner = "halving"',
    ),
    "a path of a few points": (
        LEAST + "[path]\npoints = 4",
        "path.points: 0 or at least 5 must be given, found 4; "
        "a curve needs more points, 0 leaves the path out",
    ),
    "a path without error bars": (
        LEAST + "[path]\nresamples = 1",
        "path.resamples: a path needs at least 2 for its error bars, found 1; "
        "5 is the floor for a usable interval",
    ),
    "runs for resamples of one data set": (
        LEAST + "[path]\nruns = 70",
        "path.runs: resamples of data that are drawn anew are added one by one, found design = "
        "'resample'; leave it out, or set data.design = 'fresh'",
    ),
    "runs for an even ladder": (
        LEAST.replace("digits", "mnist1d") + 'design = "fresh"\n[path]\nruns = 70\nladder = "even"',
        "path.runs: strengths are added one by one, up to 9 at least, found ladder = 'even' "
        "and points = 13; leave it out, or give an adaptive ladder of more points",
    ),
}


@pytest.mark.parametrize(("text", "fault"), RULES.values(), ids=RULES)
def test_each_rule_names_place_and_value(text: str, fault: str, tmp_path: Path) -> None:
    (tmp_path / "here.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    expected = fault.replace("FOLDER", str(tmp_path))
    with pytest.raises(StudyError) as error:
        parse_study(text, tmp_path, "s.toml")
    assert str(error.value) == f"s.toml: {expected}"


@pytest.mark.parametrize(
    "text",
    [
        LEAST + 'design = "kfold"\nn_folds = 10\ntest_fraction = 0.5\nvalidation_fraction = 0.5',
        LEAST + "[path]\npoints = 0\nresamples = 1",
        LEAST + '[search]\npruner = "wilcoxon"\nresamples = 5',
        LEAST + '[search]\npenalties = ["none", "decay"]\nlayers = "free"',
        LEAST + '[search]\npenalties = ["none"]',
        LEAST + "[search]\nstartup = 0",
        LEAST + '[training]\noptimizer = "sgd"\nmomentum = 0\n'
        '[search]\naxes.momentum = { low = 0, high = 0.9, scale = "linear" }',
        LEAST.replace("digits", "mnist1d") + 'design = "fresh"\nargs = { num_samples = 100 }',
        LEAST.replace("digits", "mnist1d") + 'design = "fresh"\nvalidation_fraction = 0.8',
        LEAST.replace("digits", "my.module:draw") + 'design = "fresh"\nargs = { list = [1, "a"] }',
        CSV + 'path = "here.csv"\ntarget = "y"',
        LEAST + "[hardware]\ndevice = 'cuda:1'\npopulation = 1",
        LEAST + "[training]\ninput_noise = 0.3\nlabel_smoothing = 0.1\nmixup = 0.2\npatience = 5",
        LEAST + "[training]\nbatch_size = 1\nlabel_smoothing = 0.1",
        LEAST.replace("digits", "diabetes") + "[training]\nmixup = 0.2\npatience = 100000",
        LEAST + "[search]\naxes.patience = { choices = [0, 5] }\n"
        'axes.input_noise = { low = 0, high = 1, scale = "linear" }',
    ],
)
def test_what_keeps_the_rules_is_accepted(text: str, tmp_path: Path) -> None:
    (tmp_path / "here.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    assert parse_study(text, tmp_path, "s.toml").folder == tmp_path

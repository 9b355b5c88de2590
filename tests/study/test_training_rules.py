"""The rules about how runs are trained: what breaks them, what is reported, and recipes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.errors import StudyError
from sweep.study.catalogue import RECIPES
from sweep.study.loading import parse_study
from sweep.study.study import Study

LEAST = '[study]\nname = "mine"\n[data]\nname = "digits"\n'
TRAINING = LEAST + "[training]\n"
RULES = {
    "a number of another optimizer": (
        TRAINING + "beta1 = 0.5\noptimizer = 'rmsprop'",
        "training.beta1: only adam, adamw, nadam, lion, muon have beta1, found optimizer = "
        "'rmsprop'; remove it or set training.optimizer = \"adam\"",
    ),
    "a flag of another optimizer": (
        TRAINING + "amsgrad = true\noptimizer = 'nadam'",
        "training.amsgrad: only adam, adamw have amsgrad, found optimizer = 'nadam'; remove it or "
        'set training.optimizer = "adam"',
    ),
    "a number of another schedule": (
        TRAINING + "gamma = 0.5\nschedule = 'cosine'",
        "training.gamma: only the schedule step has gamma, found schedule = 'cosine'; remove it or "
        'set training.schedule = "step"',
    ),
    "an axis of another schedule": (
        LEAST + "[search]\naxes.cooldown = { low = 0.1, high = 0.3 }",
        "search.axes.cooldown: only the schedule wsd has cooldown, found schedule = 'constant'; "
        'remove it or set training.schedule = "wsd"',
    ),
    "an exponential to nothing": (
        TRAINING + "schedule = 'exponential'\nfinal_lr = 0.0",
        "training.final_lr: 0 < final_lr must hold for exponential, which never gets to 0, found "
        "0; raise it, or take the schedule cosine",
    ),
    "nothing between warmup and cooldown": (
        TRAINING + "schedule = 'wsd'\nwarmup = 0.6\ncooldown = 0.5",
        "training.cooldown: warmup + cooldown <= 1 must hold, got 0.6 + 0.5; lower one of them",
    ),
    "half a step of warmup": (
        TRAINING + "warmup = 10.5",
        "training.warmup: whole numbers must be given from 1 on, found 10.5; give a share below 1, "
        "or steps",
    ),
    "milestones out of order": (
        TRAINING + "schedule = 'step'\nmilestones = [0.5, 0.25]",
        "training.milestones: each must be later than the one before, found (0.5, 0.25); sort them",
    ),
    "nesterov without momentum": (
        TRAINING + "optimizer = 'sgd'\nmomentum = 0.0\nnesterov = true",
        "training.nesterov: Nesterov's momentum needs 0 < momentum, found 0; raise it or set "
        "nesterov = false",
    ),
    "nesterov with dampening": (
        TRAINING + "optimizer = 'sgd'\ndampening = 0.1\nnesterov = true",
        "training.nesterov: Nesterov's momentum goes without dampening, found both; remove one of "
        "them",
    ),
    "clipped twice": (
        TRAINING + "clip_norm = 1.0\nclip_value = 1.0",
        "training.clip_value: gradients must be clipped by norm or by value, found both; remove "
        "one of them",
    ),
    "a window that is none": (
        TRAINING + "penalty_from = 0.5\npenalty_until = 0.5",
        "training.penalty_until: penalty_from < penalty_until must hold, got 0.5 and 0.5; lower "
        "the first, or raise the second",
    ),
    "a window for dropout": (
        TRAINING + "penalty_until = 0.5\n[search]\npenalties = ['l2', 'dropout']",
        "training.penalty_until: only penalties of weights act in a part of a run, found dropout "
        "in search.penalties or search.cocktail; leave one of them out",
    ),
    "fixed and swept": (
        TRAINING + "fixed = { decay = 0.1 }",
        "training.fixed.decay: decay must be fixed or swept, found it in search.penalties or "
        "search.cocktail too; leave one of them out",
    ),
    "a factor without a default": (
        LEAST + "[search.axes]\n'lr_of.head*' = { low = 0.1, high = 1.0 }",
        "search.axes.\"lr_of.head*\": a pattern of training.lr_of must be named, found 'head*'; "
        'write training.lr_of = { "head*" = 1.0 } beside it',
    ),
    "a range for what has no strength": (
        LEAST + "[search]\npenalties = ['fixed_norm']\nstrength.fixed_norm = { low = 1, high = 2 }",
        "search.strength.fixed_norm: a regularizer with a strength must be named, found "
        "fixed_norm, which acts or does not; remove its range",
    ),
    "two optimizers": (
        TRAINING + "optimizer = 'a.b:c'\n[search]\naxes.optimizer = { choices = ['sgd', 'adam'] }",
        "search.axes.optimizer: an optimizer of your own is not searched beside others, found the "
        "axis and training.optimizer = 'a.b:c'; remove one of them",
    ),
    "an optimizer that nobody knows": (
        TRAINING + "optimizer = 'adamx'",
        "training.optimizer: one of sgd, adam, adamw, nadam, rmsprop, lion, muon, "
        '"file.py:function" or "package.module:function" must be given, found \'adamx\'; did you '
        "mean adam?",
    ),
    "a name too long for the database": (
        TRAINING + "optimizer = 'a.b:a_very_long_name_of_a_function'",
        "training.optimizer: a function whose name has at most 20 characters must be given, found "
        "'a_very_long_name_of_a_function'; rename it",
    ),
    "a file that is not there": (
        TRAINING + "schedule = 'nowhere.py:factor'",
        "training.schedule: the file must exist, found no 'nowhere.py' in /; paths are relative to "
        "the study",
    ),
}


@pytest.mark.parametrize("name", sorted(RULES))
def test_what_breaks_a_rule_gets_its_line(name: str) -> None:
    text, line = RULES[name]
    with pytest.raises(StudyError) as caught:
        parse_study(text, Path("/"), "s.toml")
    assert str(caught.value) == f"s.toml: {line}"


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_recipe_is_its_keys_and_any_key_overrides_it(name: str) -> None:
    study = Study(study={"name": "a"}, data={"name": "digits"}, training={"recipe": name})
    for key, value in RECIPES[name].items():
        known = getattr(study.training, key)
        assert known == value, key
    other = {"recipe": name, "schedule": "linear", "lr": 0.5}
    changed = Study(study={"name": "a"}, data={"name": "digits"}, training=other)
    assert (changed.training.schedule, changed.training.lr) == ("linear", 0.5)
    assert changed.training.milestones is None
    assert changed.training.cooldown is None
    sgd = {"recipe": "sgd_step", "optimizer": "adamw"}
    adamw = Study(study={"name": "a"}, data={"name": "digits"}, training=sgd).training
    assert (adamw.lr, adamw.momentum, adamw.gamma) == (1e-3, None, 0.1)


def test_a_number_that_holds_anyway_is_no_other_study() -> None:
    """So that a study whose file says ``momentum = 0.9`` of SGD goes on as it began."""
    texts = [TRAINING + "optimizer = 'sgd'" + more for more in ("", "\nmomentum = 0.9")]
    first, second = (parse_study(text, Path("/"), "s.toml").fingerprint for text in texts)
    assert first == second
    assert first != parse_study(texts[0] + "\nmomentum = 0.8", Path("/"), "s").fingerprint

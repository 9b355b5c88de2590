"""What ``check`` says of a study, ``run`` says too: the same line, or both accept it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sweep.regularizers.catalogue import REGULARIZERS
from tests.cli.test_app import Done, call
from tests.support import case_networks
from tests.support.long_cases import long

pytestmark = pytest.mark.filterwarnings(
    "ignore:Full backward hook",
    "ignore:`torch.nn.utils.weight_norm`",
    "ignore:`torch.jit.script`",
)
"""What torch says of old ways that people go on with."""
STUDY = """
[study]
name = "case"
[data]
{data}
[model]
{model}
[training]
lr = 1e-2
epochs = 1
batch_size = 14
{training}
[search]
trials = 2
pruner = "none"
{search}
[path]
points = 0
resamples = 1
[hardware]
population = 2
"""
FILE = Path(case_networks.__file__)
CLASSES = 'name = "case_networks.py:classes"'
LINEAR = 'name = "linear"'
DECAY = 'penalties = ["decay"]'


def study(data: str = CLASSES, model: str = LINEAR, training: str = "", search: str = DECAY) -> str:
    return STUDY.format(data=data, model=model, training=training, search=search)


def network(name: str, **args: str) -> str:
    given = ", ".join(f'{key} = "{value}"' for key, value in args.items())
    return f'name = "case_networks.py:{name}"\nargs = {{ {given} }}'


def data(name: str) -> str:
    return f'name = "case_networks.py:{name}"'


def both(folder: Path, text: str) -> tuple[Done, Done]:
    """What ``check`` and ``run`` say of the study."""
    shutil.copy(FILE, folder)
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    database = f"sqlite:///{folder}/sweep.db"
    return call("check", str(path)), call("run", str(path), "--database", database)


def assert_refused(done: tuple[Done, Done], words: str, folder: Path) -> None:
    check, run = done
    assert (check.returncode, run.returncode) == (2, 2), (check.stderr, run.stderr)
    assert check.stderr == run.stderr
    assert check.stderr.count("\n") == 1, check.stderr
    assert words in check.stderr
    assert not (folder / "sweep.db").exists()


ACCEPTED = {
    "01 recomputed in the backward": study(model=network("Plain", how="checkpoint")),
    "02 a hook of a module": study(model=network("Plain", how="module_hook")),
    "02 a hook of a tensor": study(model=network("Plain", how="tensor_hook")),
    "03 a hook of a weight": study(model=network("Plain", how="weight_hook")),
    "05 a body under no_grad": study(model=network("Plain", how="no_grad")),
    "08 written in place": study(model=network("Plain", how="in_place")),
    "11 padding of a function": study(data("tokens"), network("Words", how="padding")),
    "12 13 tokens, parametrized": study(data("tokens"), network("Words", how="parametrized")),
    "15 autocast": study(model=network("Plain", how="autocast")),
    "16 old weight_norm": study(model=network("wrapped", how="weight_norm")),
    "16 old spectral_norm": study(model=network("wrapped", how="spectral_norm")),
    "16 pruned": study(model=network("wrapped", how="pruned")),
    "16 DataParallel": study(model=network("wrapped", how="parallel")),
    "19 a row left over beside batch norm": study(model=network("Plain", how="batch_norm")).replace(
        "batch_size = 14", "batch_size = 43"
    ),
    "23 diverging": study(search=DECAY + "\naxes.lr = { low = 1.0, high = 999.0 }"),
    "24 adapters": study(model=network("LowRank")),
    "32 patients on both sides": study(data("patients")),
    "34 torch.func inside": study(model=network("Plain", how="inner_gradient")),
    "42 matrices alone": study(search='penalties = ["orthogonal", "spectral"]\nscope = "all"'),
    "52 every width fits": study(
        model=network("Plain", how="narrow"),
        search=DECAY + "\naxes.model.width = { choices = [2, 4] }",
    ).replace("args = { ", "args = { width = 3, "),
    "56 a huge label": study(data("huge_label")),
}
REFUSED = {
    "06 complex weights": (study(model=network("Complex")), "must have real weights"),
    "07 squeezed": (
        study(model=network("Plain", how="squeeze")),
        "must give (rows, 2) in evaluation, found (2,) for one row of 1",
    ),
    "14 labels of -1": (study(data("minus_one")), "found -1 in"),
    "14 labels of -100": (study(data("minus_hundred")), "found -100 in"),
    "16 scripted": (study(model=network("wrapped", how="scripted")), "found a scripted one"),
    "19 52 batches of one row": (
        study(
            model=network("Plain", how="batch_norm"),
            search=DECAY + "\naxes.batch_size = { low = 1, high = 16, integer = true }",
        ),
        "(search.axes at batch_size = 1)",
    ),
    "19 52 batches of one row for one of the networks": (
        study(
            model='name = "mlp"\nhidden = [4]',
            search=DECAY
            + "\naxes.batch_size = { choices = [16, 1] }"
            + "\naxes.model.batch_norm = { choices = [false, true] }",
        ),
        "(search.axes at batch_size = 1, model.batch_norm = True)",
    ),
    "24 a gradient of zero": (
        study(model=network("LowRank"), search=DECAY + '\nprofile = "gradient"'),
        "search.profile: every layer must have weights and a gradient other than zero",
    ),
    "30 an augmenting Dataset": (study(data("augmenting")), "found item 0 changed"),
    "31 several labels": (study(data("several_labels")), "a loss must be named"),
    "33 a LightningModule": (study(model=network("LightningModule")), "a LightningModule"),
    "36 items with names": (study(data("named_items")), "input_ids"),
    "42 nothing but vectors": (
        study(search='penalties = ["spectral"]\ninclude = ["*.bias"]\nexclude = ["output"]'),
        "search.penalties: spectral must have a matrix to act on",
    ),
    "51 a deep key": (study(training="a." * 60_000 + "a = 1"), "a key of at most 31 dots"),
    "52 one of the widths": (
        study(
            model=network("Plain", how="narrow"),
            search=DECAY + "\naxes.model.width = { choices = [2, 8] }",
        ).replace("args = { ", "args = { width = 3, "),
        "(search.axes at model.width = 8)",
    ),
    "52 another model": (
        study(search=DECAY + '\naxes.model.name = { choices = ["mlp", "linear"] }'),
        "found 'model.name'; did you mean",
    ),
    "52 an argument that the model has not": (
        study(
            model=network("Plain"),
            search=DECAY + '\naxes.model.name = { choices = ["a", "b"] }',
        ),
        "unexpected keyword argument 'name'",
    ),
    "a weight of no class": (
        study(training="class_weight = { nobody = 2.0 }"),
        "must be named, found 'nobody'",
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_check_and_run_accept(tmp_path: Path, case: str) -> None:
    check, run = both(tmp_path, ACCEPTED[case])
    assert (check.returncode, run.returncode) == (0, 0), (check.stderr, run.stderr)
    assert "is valid" in check.stdout


@pytest.mark.parametrize("case", REFUSED)
def test_check_and_run_refuse_in_the_same_line(tmp_path: Path, case: str) -> None:
    text, words = REFUSED[case]
    assert_refused(both(tmp_path, text), words, tmp_path)


TABLES = {
    "10 the target twice": ("x,y,y\n1,2,3\n", "'y' twice"),
    "43 a second target": ("y,x,y\n1,2,3\n", "'y' twice"),
    "44 longer rows": ("x,y\n1,2,3\n", "as long as the header"),
    "56 two features of one name": ("k,k_a,y\na,1,0\nb,2,1\n", "found 'k_a' as a column"),
}


@pytest.mark.parametrize("case", TABLES)
def test_tables_are_refused_in_the_same_line(tmp_path: Path, case: str) -> None:
    content, words = TABLES[case]
    (tmp_path / "table.csv").write_text(content)
    named = 'name = "csv"\npath = "table.csv"\ntarget = "y"'
    assert_refused(both(tmp_path, study(named)), words, tmp_path)


@pytest.mark.parametrize("layers", ["shared", long("free")])
def test_every_regularizer_goes_with_all_parameters_and_layers(tmp_path: Path, layers: str) -> None:
    names = json.dumps(list(REGULARIZERS))
    search = f'penalties = {names}\nscope = "all"\nlayers = "{layers}"'
    text = study(model='name = "mlp"\nhidden = [4]\nbatch_norm = true', search=search)
    check, run = both(tmp_path, text.replace("trials = 2", f"trials = {len(REGULARIZERS)}"))
    assert (check.returncode, run.returncode) == (0, 0), (check.stderr, run.stderr)
    assert "yes, but not by fixed_norm, orthogonal, spectral: a vector" in check.stdout

"""Built-in and custom networks, and every line that a mistake gets."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from sweep.errors import ModelError
from sweep.networks.builders import build_model
from sweep.study.study import Study


def build(
    seed: int = 0,
    row: tuple[int, ...] = (64,),
    shape: tuple[int, ...] = (1, 8, 8),
    outputs: int = 10,
    row_dtype: torch.dtype | None = None,
    **model: Any,
) -> nn.Module:
    study = Study(study={"name": "one"}, data={"name": "digits"}, model=model)
    return build_model(
        study.model,
        n_inputs=math.prod(row),
        n_outputs=outputs,
        output_row=(outputs,),
        input_shape=shape,
        rows=torch.zeros(2, *row, dtype=row_dtype or torch.float32),
        seed=seed,
        folder=Path(),
        dtype=torch.float32,
    )


@pytest.mark.parametrize("name", ["mlp", "cnn", "linear"])
def test_the_same_seed_gives_the_same_weights_and_leaves_the_global_state(name: str) -> None:
    before = torch.random.get_rng_state()
    one, same, other = build(1, name=name), build(1, name=name), build(2, name=name)
    assert torch.equal(torch.random.get_rng_state(), before)
    for a, b in zip(one.parameters(), same.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(next(one.parameters()), next(other.parameters()))


def test_layers_are_named_for_readers() -> None:
    mlp = [n for n, _ in build(name="mlp", hidden=[8, 4], batch_norm=True).named_parameters()]
    assert mlp[0] == "hidden1.weight"
    assert {"norm2.weight", "output.bias"} <= set(mlp)
    assert dict(build(name="cnn", channels=[4]).named_parameters())["conv1.weight"].ndim == 4


def test_networks_take_flat_rows_and_shaped_ones() -> None:
    for name in ("mlp", "cnn", "linear"):
        assert build(name=name)(torch.zeros(3, 64)).shape == (3, 10)
        assert build(name=name, row=(1, 8, 8))(torch.zeros(3, 1, 8, 8)).shape == (3, 10)


def test_an_own_function_gets_what_it_asks_for_and_may_be_lazy() -> None:
    def lazy(n_outputs: int, width: int) -> nn.Module:
        torch.set_default_dtype(torch.float64)
        return nn.Sequential(nn.LazyLinear(width), nn.ReLU(), nn.LazyLinear(n_outputs))

    model = build(name=lazy, args={"width": 5})
    assert [tuple(p.shape) for p in model.parameters()] == [(5, 64), (5,), (10, 5), (10,)]
    assert next(model.parameters()).dtype == torch.float32
    assert torch.get_default_dtype() == torch.float32


def test_an_own_network_is_seeded_whatever_it_draws_from() -> None:
    class Net(nn.Module):
        def __init__(self, n_inputs: int, n_outputs: int):
            super().__init__()
            torch.set_grad_enabled(False)
            drawn = random.random(), *np.random.normal(size=n_inputs - 1)  # noqa: NPY002
            self.weight = nn.Parameter(torch.tensor(drawn).repeat(n_outputs, 1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x @ self.weight.T

    before = random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    one, same, other = (build(seed, name=Net).weight for seed in (2**62 - 1, 2**62 - 1, 2))
    assert torch.equal(one, same)
    assert (one != other).all()
    assert one.dtype == torch.float32
    assert torch.is_grad_enabled()
    assert random.getstate() == before[0]
    assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002


def test_a_cnn_follows_the_shape_of_a_row() -> None:
    flat = build(name="cnn", row=(64,))
    assert isinstance(flat.get_submodule("conv1"), nn.Conv2d)
    with pytest.raises(ModelError, match="cnn takes rows of shape"):
        build(name="cnn", row=(2, 2, 2, 2), shape=(2, 2, 2, 2))
    series = build(name="cnn", row=(40,), shape=(1, 40), batch_norm=True)
    assert isinstance(series.get_submodule("conv2"), nn.Conv1d)
    assert isinstance(series.get_submodule("norm2"), nn.BatchNorm1d)
    assert series(torch.zeros(3, 40)).shape == (3, 10)
    assert build(name="cnn", row=(6,), shape=(6,))(torch.zeros(3, 6)).shape == (3, 10)


def raises() -> nn.Module:
    raise ValueError("no such width")


def exits() -> nn.Module:
    raise SystemExit(1)


class MadeLate(nn.Module):
    """Lazy layers of several kinds, and one that is made in the first forward."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, self.norm, self.late = nn.LazyLinear(5), nn.LazyBatchNorm1d(), None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.inner(x))
        if self.late is None:
            self.late = nn.Linear(x.shape[1], 10)
        return self.late(x)  # type: ignore[no-any-return]


def test_what_is_made_lazily_has_weights_of_the_seed_alone() -> None:
    one, same, other = (dict(build(seed, name=MadeLate).named_parameters()) for seed in (3, 3, 4))
    assert {"inner.weight", "norm.weight", "late.weight"} <= set(one)
    assert all(torch.equal(one[name], same[name]) for name in one)
    for name in ("inner.weight", "late.weight"):
        assert not torch.equal(one[name], other[name])


class Unmade(nn.Module):
    """A lazy layer that only training reaches."""

    def __init__(self) -> None:
        super().__init__()
        self.output, self.other = nn.Linear(64, 10), nn.LazyLinear(10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.output(x) + (self.other(x) if self.training else 0)  # type: ignore[no-any-return]


def looked_up(**settings: Any) -> nn.Module:
    return nn.Sequential(nn.Embedding(3, 10, **settings), nn.Flatten(), nn.LazyLinear(10))


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (raises, "ValueError: no such width"),
        (exits, "sys.exit(1)"),
        (lambda: "net", "must return an nn.Module, found str"),
        (lambda: nn.LSTM(64, 9), "must give (rows, 10) for 10 outputs, found (2, 9)"),
        (lambda: nn.Linear, "must return an nn.Module, found the class Linear; return Linear(...)"),
        (
            lambda width: nn.Linear(width, 10),
            "it needs width; set model.args = { width = ... }, or",
        ),
        (
            nn.Linear,
            "it needs in_features, out_features; set model.args = { in_features = ..., out",
        ),
        (lambda: nn.Linear(64, 3), "must give (rows, 10) for 10 outputs, found (2, 3)"),
        (lambda: nn.Linear(5, 10), "(2x64 and 5x10); try it on its own, with x of shape (2, 64)"),
        (lambda: nn.Linear(64, 10).requires_grad_(False), "parameters to train, found none"),
        (Unmade, "in a forward in eval mode, found other.weight without a shape; give its layer"),
    ],
)
def test_a_bad_function_gets_one_line(function: Any, words: str) -> None:
    with pytest.raises(ModelError) as caught:
        build(name=function)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_network_in_place_of_the_function_that_makes_it_gets_one_line(tmp_path: Path) -> None:
    (tmp_path / "nets.py").write_text("from torch import nn\nnet = nn.Linear(64, 10)\n")
    with pytest.raises(ModelError, match=r"found a network: .*nets.py:net is a Linear; .*Linear\("):
        build(name=f"{tmp_path}/nets.py:net")


def test_a_sequence_network_is_advised_of_what_n_inputs_counts() -> None:
    with pytest.raises(ModelError) as caught:
        build(name=lambda n_inputs: nn.GRU(n_inputs, 10, batch_first=True), row=(20, 3))
    said = "try it on its own, with x of shape (2, 20, 3); n_inputs, 60, counts all values of a row"
    assert str(caught.value).endswith(said)


def test_an_embedding_that_changes_while_it_is_evaluated_gets_one_line() -> None:
    words = {"row": (64,), "row_dtype": torch.int64}
    with pytest.raises(ModelError) as caught:
        build(name=looked_up, args={"max_norm": 1.0}, **words)
    assert "found an embedding with max_norm (0); leave max_norm out" in str(caught.value)


def test_a_sparse_embedding_has_the_gradient_of_a_dense_one() -> None:
    rows = torch.arange(64).repeat(2, 1) % 3
    grads = []
    for sparse in (True, False):
        model = build(name=looked_up, args={"sparse": sparse}, row_dtype=torch.int64)
        (grad,) = torch.autograd.grad(model(rows).square().sum(), model.get_parameter("0.weight"))
        grads.append(grad)
    assert torch.equal(*grads)

"""How networks are called with several inputs, and which tensor of their outputs is meant."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from sweep.errors import ModelError
from sweep.networks.calling import call_with_leaves, give_tensor
from sweep.networks.forward import copied
from tests.support.several_inputs import Scored

X = torch.arange(6.0).reshape(2, 3)


class Gives(nn.Module):
    """One function of its input, whose output it gives."""

    def __init__(self, function: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Any:
        return self.function(x)


class Named(nn.Module):
    def forward(self, ids: Tensor, mask: Tensor | None = None, *, scale: float = 1.0) -> Tensor:
        return ids * scale if mask is None else ids * mask * scale


class Whole(nn.Module):
    """Takes all of them as one argument."""

    def forward(self, batch: Any) -> Tensor:
        parts = batch.values() if isinstance(batch, dict) else batch
        return torch.stack(list(parts)).sum(0)


class Object:
    """No mapping and no tuple."""

    def __init__(self, **parts: Any) -> None:
        self.__dict__.update(parts)


@pytest.mark.parametrize("x", [(X, X + 1), {"ids": X, "mask": X + 1}, {"mask": X + 1, "ids": X}])
def test_leaves_are_the_arguments_by_place_or_by_name(x: Any) -> None:
    model = Named()
    call_with_leaves(model, x)
    call_with_leaves(model, x)  # a body that is given again
    torch.testing.assert_close(model(x), X * (X + 1))
    torch.testing.assert_close(copied(model)(x), X * (X + 1))


@pytest.mark.parametrize("x", [(X, X + 1), {"a": X, "b": X + 1}])
def test_a_forward_of_one_argument_gets_them_all(x: Any) -> None:
    model = Whole()
    call_with_leaves(model, x)
    torch.testing.assert_close(model(x), 2 * X + 1)


def test_one_tensor_is_left_to_torch() -> None:
    model = Named()
    call_with_leaves(model, X)
    assert not model._forward_pre_hooks


def test_a_users_own_hook_sees_the_arguments_of_the_forward() -> None:
    seen: list[int] = []
    model = Named()
    model.register_forward_pre_hook(lambda _, arguments: seen.append(len(arguments)))
    call_with_leaves(model, (X, X))
    model((X, X))
    assert seen == [2]


LOSS = torch.zeros(())
MEANT: dict[str, tuple[Callable[[Tensor], Any], str | int | None]] = {
    "a tensor": (lambda x: x, None),
    "the first of a tuple": (lambda x: (x, -x), None),
    "the first of a list": (lambda x: [x, LOSS], None),
    "logits beside a loss": (lambda x: Scored(LOSS, x), None),
    "logits of a dict": (lambda x: OrderedDict(loss=LOSS, logits=x), None),
    "logits of an object": (lambda x: Object(logits=x), None),
    "a key": (lambda x: {"out": x, "logits": -x}, "out"),
    "an attribute": (lambda x: Object(out=x), "out"),
    "a place": (lambda x: (LOSS, x), 1),
    "the field of a named tuple": (lambda x: Scored(-x, x), "logits"),
}


@pytest.mark.parametrize("case", MEANT)
def test_the_tensor_that_is_meant(case: str) -> None:
    function, wanted = MEANT[case]
    model = Gives(function)
    give_tensor(model, wanted, "net")
    give_tensor(model, wanted, "net")
    assert torch.equal(model(X), X)
    assert torch.equal(copied(model)(X), X)


@pytest.mark.parametrize(
    ("output", "wanted", "words"),
    [
        ({"out": X}, None, "or logits, found dict with out; say which part is meant by model.outp"),
        ((), None, "a tuple that begins with one, or logits, found tuple of 0"),
        (("text", X), None, "found tuple of 2; say which"),
        ("text", None, "found str; say which"),
        (Object(logits="text"), None, "found Object"),
        ({"out": X}, "logits", "must give a tensor as 'logits', found dict with out; name a part"),
        ((X, X), 2, "must give a tensor as 2, found tuple of 2; name a part that is a tensor"),
        ({"out": "text"}, "out", "must give a tensor as 'out', found dict with out"),
        (X, "logits", "must give a tensor as 'logits', found Tensor; leave the key out"),
        (X, 0, "must give a tensor as 0, found Tensor; leave the key out"),
    ],
)
def test_an_output_without_the_tensor_gets_one_line(output: Any, wanted: Any, words: str) -> None:
    model = Gives(lambda x: output)
    give_tensor(model, wanted, "net")
    with pytest.raises(ModelError) as caught:
        model(X)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)

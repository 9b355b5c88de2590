"""Norms as if the eps in them were hardly there.

Norm layers divide by sqrt(v + eps), so that they are scale-invariant up to eps / v only. Inside
this mode every eps is a ten-thousand-millionth of itself: the argument of torch's own norms, and
the small number that hand-written ones add.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

SHRINK = 1e-10
LARGEST_EPS = 1e-2
"""What is added and not above this is an eps."""
ADDITIONS = {torch.ops.aten.add.Tensor, torch.ops.aten.add_.Tensor, torch.ops.aten.add.Scalar}


class SmallEps(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Shrinks eps in all that runs inside, on this thread."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """False: else torch imports its compiler at the first operation."""
        return False

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        args, kwargs = list(args), dict(kwargs or {})
        if func in ADDITIONS and len(args) > 1 and _is_eps(args[1]):
            args[1] *= SHRINK
        for place, argument in enumerate(func._schema.arguments):
            if argument.name != "eps":
                continue
            if place < len(args) and isinstance(args[place], float):
                args[place] *= SHRINK
            elif isinstance(kwargs.get("eps"), float):
                kwargs["eps"] *= SHRINK
        return func(*args, **kwargs)


def _is_eps(value: object) -> bool:
    return isinstance(value, float) and 0 < value <= LARGEST_EPS

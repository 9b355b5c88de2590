"""A user-defined loss: found by its name, tried beforehand, computed for many runs at once.

The function is called as ``loss(output, target)`` with the outputs (B, ...) and targets (B, ...) of
one run's batch, and returns a number for each row (B,), which depends on that row alone, or one for
the batch, which is a mean. With a parameter named ``weight`` it gets the weights of the rows (B,)
too, and returns one number for the batch. A ``weight`` with a default is left alone where rows have
none: torch's own functions call the weights of classes so. Legend: R runs, B rows of a batch.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.func import vmap

from sweep.errors import StudyError
from sweep.metrics.loss import Loss
from sweep.runtime.user_code import (
    asks_for,
    guarded,
    last_line,
    name_of,
    needs,
    resolve_function,
)

logger = logging.getLogger("sweep")

WHERE = "training.loss"
TRIED_ROWS = 8
"""Rows on which the function is tried."""


class OwnLoss(Loss):
    """The user's function; a StudyError of one line where it fails."""

    def __init__(
        self,
        function: Callable[..., Any],
        called: str,
        of_classes: bool = False,
        takes_weight: bool = False,
    ):
        """``called`` is how the study names it; ``of_classes`` says whether there is an output for
        each class, ``takes_weight`` whether the weights of rows are given to the function.
        """
        self._function, self._called, self._of_classes = function, called, of_classes
        self.takes_weight = takes_weight
        self.batched = True
        """Whether vmap computes it for many runs."""
        self._parts_runs = False
        """Whether a run in which the function fails has no loss, and all others have theirs."""

    @property
    def name(self) -> str:
        return self._called

    @property
    def recordable(self) -> bool:  # type: ignore[override]
        """What vmap computes does not wait for a value."""
        return self.batched

    def for_runs(self) -> OwnLoss:
        alike = copy(self)
        alike._parts_runs = True
        return alike

    def _of_runs(self, *tensors: Tensor) -> Tensor:
        """What the function says of every run, (R,) or (R, B)."""
        try:
            return self._of_all(*tensors)
        except StudyError:
            if not self._parts_runs:
                raise
            return torch.cat([self._of_one(*own) for own in zip(*tensors, strict=True)])

    def _of_one(self, *tensors: Tensor) -> Tensor:
        """What the function says of one run, (1,) or (1, B): nan where it fails."""
        try:
            return self._of_all(*(tensor[None] for tensor in tensors))
        except StudyError as error:
            logger.warning("%s; the run in which it failed counts as diverged", error)
            output = tensors[0]
            rows = output.flatten(1).sum(1) if self.by_rows else output.sum()
            return torch.nan * rows[None]

    def _of_all(self, *tensors: Tensor) -> Tensor:
        with guarded(WHERE, self._called, StudyError):
            if self.batched:
                return vmap(self.of_run)(*tensors)
            return torch.stack([self.of_run(*own) for own in zip(*tensors, strict=True)])

    def of_run(self, output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """What the function says of one run, (B,) or ()."""
        if weight is None:
            return self._function(output, target)  # type: ignore[no-any-return]
        return self._function(output, target, weight=weight)  # type: ignore[no-any-return]

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        return self._of_runs(output, target), None

    def hits(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None] | None:
        return (output.argmax(-1) == target, None) if self._of_classes else None


class OwnBatchLoss(OwnLoss):
    """A user's function that gives one number for a batch, and for all rows of a part."""

    by_rows = False

    def rows(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor | None]:
        raise NotImplementedError("it is no mean over rows")

    def mean(self, output: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        if not self.takes_weight:
            return self._of_runs(output, target)
        if weight is None:
            weight = torch.ones(output.shape[:2], device=output.device, dtype=output.dtype)
        return self._of_runs(output, target, weight.to(output.dtype))


def own_loss(
    source: str | Callable[..., Any],
    folder: Path,
    target: Tensor,
    row: tuple[int, ...],
    weighted: bool,
    of_classes: bool,
) -> OwnLoss:
    """The loss that a study brings along, tried on a few rows with outputs near 0.

    Args:
        source: The function, or how the study names it.
        folder: Where its file is looked for.
        target: The targets of some rows (N, ...), at least two.
        row: The shape of a row's output.
        weighted: Whether the rows of the study have weights.
        of_classes: Whether there is an output for each class.

    Raises:
        StudyError: It is not found, or gives no loss.
    """
    function, called = resolve_function(source, folder, WHERE, StudyError), name_of(source)
    target = target[:TRIED_ROWS]
    draws = torch.Generator().manual_seed(0)
    dtype = target.dtype if target.is_floating_point() else torch.float32
    output = 0.1 * torch.randn((2, len(target), *row), generator=draws, dtype=dtype)
    targets = torch.stack([target, target])
    takes_weight = asks_for(function, "weight") and (weighted or needs(function, "weight"))
    loss = OwnLoss(function, called, of_classes, takes_weight)
    if _tried(loss, output[0], target).ndim == 0:
        loss = OwnBatchLoss(function, called, of_classes, takes_weight)
    if weighted and not loss.by_rows and not loss.takes_weight:
        raise StudyError(
            f"{WHERE}: {called} must take the weights of rows where data.weight is set, found "
            "one number for a batch without them; add a parameter named weight, or return a "
            "number for each row"
        )
    loss.batched = not _why_not_batched(loss, output, targets)
    _check_rows(loss, output[0], target)
    return loss


def _tried(loss: OwnLoss, output: Tensor, target: Tensor) -> Tensor:
    """What the function says of one run, checked: () or (B,)."""
    weight = torch.ones(len(target)).to(output) if loss.takes_weight else None
    given = output.clone(), target.clone()
    with guarded(WHERE, loss.name, StudyError):
        found, again = (loss.of_run(*given, weight) for _ in range(2))
    if not (torch.equal(given[0], output) and torch.equal(given[1], target)):
        raise StudyError(
            f"{WHERE}: {loss.name} must leave outputs and targets as they are, found them changed; "
            "work on copies"
        )
    return _checked(loss, found, again, len(target))


def _checked(loss: OwnLoss, found: object, again: object, n_rows: int) -> Tensor:
    shapes = [()] if loss.takes_weight else [(), (n_rows,)]
    wanted = "one number for the batch" if loss.takes_weight else "a number for each row, or one"
    called = loss.name
    rule = f"{WHERE}: {called} must return {wanted} as a tensor"
    if not isinstance(found, Tensor) or not isinstance(again, Tensor):
        raise StudyError(f"{rule}, found {type(found).__name__}; compute it by operations of torch")
    if not found.is_floating_point() or tuple(found.shape) not in shapes:
        raise StudyError(
            f"{rule}, found {found.dtype} of shape {tuple(found.shape)} for {n_rows} rows; average "
            'over what a row has, as reduction="none" does not'
        )
    if not found.isfinite().all():
        raise StudyError(
            f"{rule}, found one that is not finite for outputs near 0; mind logarithms"
        )
    if not torch.equal(found, again):
        raise StudyError(
            f"{WHERE}: {called} must return the same for the same rows, found two calls that "
            "differ; draw no random numbers in it"
        )
    return found


def _why_not_batched(loss: OwnLoss, output: Tensor, target: Tensor) -> str:
    """Why vmap cannot compute the loss, "" where it can, with the gradients of a loop.

    Raises StudyError where a loop cannot compute them.
    """
    loss.batched = False
    rule = f"{WHERE}: {loss.name} must have a gradient by the outputs"
    try:
        wanted = loss.loss_and_gradient(output, target)
    except RuntimeError as error:
        raise StudyError(f"{rule}, found none: {last_line(error)}; do not detach them") from error
    if not wanted[1].isfinite().all():
        raise StudyError(f"{rule} that is finite, found another for outputs near 0")
    loss.batched = True
    try:
        found = loss.loss_and_gradient(output, target)
    except (RuntimeError, StudyError, ValueError, TypeError, NotImplementedError) as error:
        return last_line(error)
    same = all(map(torch.allclose, found, wanted))
    return "" if same else "its numbers are others when it is batched"


def _check_rows(loss: OwnLoss, output: Tensor, target: Tensor) -> None:
    """Refuses what depends on rows as no mean does: other rows, rows of weight 0, their number."""
    if loss.by_rows:
        if _reaches(loss, output, target, None)[1:].any():
            raise StudyError(
                f"{WHERE}: {loss.name} must give each row a number that depends on this row alone, "
                f"found one that depends on others; compare outputs {tuple(output.shape)} with "
                f"targets {tuple(target.shape)}, or return one number for the batch"
            )
        return
    weight = torch.ones(len(target)).to(output)
    if loss.takes_weight:
        weight[1:] = 0
        if _reaches(loss, output, target, weight)[1:].any():
            raise StudyError(
                f"{WHERE}: {loss.name} must leave rows of weight 0 out, found a loss that depends "
                "on them; weigh each row's loss and divide by the sum of the weights"
            )
    if _is_sum(loss, output, target):
        raise StudyError(
            f"{WHERE}: {loss.name} must be a mean over rows where it gives one number for the "
            "batch, found twice as much for all rows twice; divide by the number of rows (or the "
            "sum of their weights), or return a number for each row"
        )


def _reaches(loss: OwnLoss, output: Tensor, target: Tensor, weight: Tensor | None) -> Tensor:
    """Which rows (B,) the first number of the loss depends on."""
    leaf = output.clone().requires_grad_()
    with guarded(WHERE, loss.name, StudyError), torch.enable_grad():
        first = loss.of_run(leaf, target.clone(), weight).reshape(-1)[0]
        (slope,) = torch.autograd.grad(first, leaf)
    return slope.flatten(1).ne(0).any(1)


def _is_sum(loss: OwnLoss, output: Tensor, target: Tensor) -> bool:
    """Whether it is doubled where all rows are there twice."""
    weight = torch.ones(2 * len(target)).to(output) if loss.takes_weight else None
    once = None if weight is None else weight[: len(target)]
    with guarded(WHERE, loss.name, StudyError):
        found = loss.of_run(output.clone(), target.clone(), once)
        twice = loss.of_run(torch.cat([output, output]), torch.cat([target, target]), weight)
    return bool(found != 0) and bool(torch.isclose(twice, 2 * found, rtol=1e-5, atol=0.0))

"""Rows in the order of a score, for many runs at once: ties, ranks, areas under curves.

Legend: R runs, K scores of a row, N rows. Rows of weight 0 count nothing anywhere.
"""

from __future__ import annotations

import torch
from torch import Tensor


class Ranking:
    """Rows sorted by their scores, those with equal scores as one group."""

    def __init__(self, scores: Tensor):
        """``scores`` (R, K, N); larger ones come later."""
        self.order = _order(scores)
        ordered = scores.gather(-1, self.order)
        if (ordered[..., 1:] == ordered[..., :-1]).any():
            first = torch.searchsorted(ordered, ordered, right=False)
            last = torch.searchsorted(ordered, ordered, right=True)
        else:
            first = torch.arange(scores.shape[-1], device=scores.device).expand_as(scores)
            last = first + 1
        self.first, self.last = first, last
        """(R, K, N): how many rows have a lower score than the row at a place of the order, and how
        many have no larger one."""

    def ordered(self, values: Tensor) -> Tensor:
        """Values (R, K, N) of rows in their order."""
        return values.gather(-1, self.order)

    def below(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Sums of ordered values over the rows with lower scores, and with no larger ones."""
        sums = torch.nn.functional.pad(values.cumsum(-1), (1, 0))
        return sums.gather(-1, self.first), sums.gather(-1, self.last)


def _order(scores: Tensor) -> Tensor:
    """What sorts the scores; which of two equal ones comes first does not matter."""
    if scores.device.type == "cpu":  # numpy takes a third of torch's time
        return torch.from_numpy(scores.numpy().argsort(-1))
    return scores.argsort(-1)


def area_under_roc(ranking: Ranking, positive: Tensor, negative: Tensor) -> Tensor:
    """The chance (R, K) that a positive row is above a negative one, ties as one half.

    ``positive`` and ``negative`` (R, K, N) are the weights of rows; nan where all of one are 0.
    """
    up, down = ranking.ordered(positive), ranking.ordered(negative)
    lower, no_larger = ranking.below(down)
    won = (up * (lower + no_larger)).sum(-1) / 2
    return won / (up.sum(-1) * down.sum(-1))


def average_precision(ranking: Ranking, positive: Tensor, negative: Tensor) -> Tensor:
    """The precision (R, K) at every positive row's score, averaged over positive rows.

    Arguments as for ``area_under_roc``.
    """
    up, down = ranking.ordered(positive), ranking.ordered(negative)
    hits, rows = (values.sum(-1, keepdim=True) for values in (up, up + down))
    hits, rows = hits - ranking.below(up)[0], rows - ranking.below(up + down)[0]
    precision = torch.where(up > 0, hits / rows, 0)
    return (up * precision).sum(-1) / up.sum(-1)


def ranks(values: Tensor, counted: Tensor) -> Tensor:
    """The rank of every row (R, K, N) among those that are counted (0 or 1), ties at their mean."""
    ranking = Ranking(values)
    lower, no_larger = ranking.below(ranking.ordered(counted))
    return torch.zeros_like(lower).scatter(-1, ranking.order, (lower + no_larger + 1) / 2)

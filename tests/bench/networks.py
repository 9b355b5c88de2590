"""Networks of other kinds, that our side and its peers load alike: digits as eight rows of pixels.

This file imports nothing of the engine, so that the peers' processes do not either.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

N_ROWS, WIDE, N_HEADS, N_BLOCKS = 8, 32, 4, 2


class Recurrent(nn.Module):
    """An LSTM over the rows, whose last state is classified."""

    def __init__(self, n_inputs: int, n_outputs: int):
        super().__init__()
        self.lstm = nn.LSTM(n_inputs // N_ROWS, WIDE, batch_first=True)
        self.head = nn.Linear(WIDE, n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.lstm(x.unflatten(1, (N_ROWS, -1)))
        out: Tensor = self.head(states[:, -1])
        return out


class Attention(nn.Module):
    """A small transformer over the rows."""

    def __init__(self, n_inputs: int, n_outputs: int):
        super().__init__()
        self.inputs = nn.Linear(n_inputs // N_ROWS, WIDE)
        self.places = nn.Parameter(torch.zeros(N_ROWS, WIDE))
        block = nn.TransformerEncoderLayer(WIDE, N_HEADS, 2 * WIDE, dropout=0.0, batch_first=True)
        self.blocks = nn.TransformerEncoder(block, N_BLOCKS, enable_nested_tensor=False)
        self.head = nn.Linear(WIDE, n_outputs)

    def forward(self, x: Tensor) -> Tensor:
        rows = self.inputs(x.unflatten(1, (N_ROWS, -1))) + self.places
        out: Tensor = self.head(self.blocks(rows).mean(1))
        return out


def lstm(n_inputs: int, n_outputs: int) -> nn.Module:
    """The recurrent network."""
    return Recurrent(n_inputs, n_outputs)


def transformer(n_inputs: int, n_outputs: int) -> nn.Module:
    """The transformer."""
    return Attention(n_inputs, n_outputs)


BUILDERS = {"lstm": lstm, "transformer": transformer}


def multiply_adds_of(name: str, n_inputs: int, n_outputs: int) -> list[int]:
    """Multiplications with an addition of each matrix product for one row of a batch."""
    per_row = n_inputs // N_ROWS
    if name == "lstm":
        return [N_ROWS * 4 * WIDE * per_row, N_ROWS * 4 * WIDE * WIDE, WIDE * n_outputs]
    attention = N_ROWS * (4 * WIDE * WIDE + 2 * N_ROWS * WIDE)
    block = [attention, N_ROWS * 4 * WIDE * WIDE]
    return [N_ROWS * per_row * WIDE, *N_BLOCKS * block, WIDE * n_outputs]

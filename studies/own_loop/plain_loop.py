"""A plain PyTorch loop with a regularizer of a study: ``python plain_loop.py``."""

from __future__ import annotations

import torch
from torch import nn

from sweep import Regularizer


def train(n_epochs: int = 20, seed: int = 0) -> tuple[nn.Module, list[float]]:
    """The trained model, and the mean loss of every epoch."""
    torch.manual_seed(seed)
    x = torch.randn(256, 20)
    y = (x[:, 0] + x[:, 1] > 0).long()
    model = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 2))
    criterion = nn.CrossEntropyLoss()

    # the three lines that are new, with the strengths that a study has found
    reg = Regularizer(model, "l1", strength=1e-3, layers={"0": 2.0})
    optimizer = torch.optim.AdamW(reg.parameter_groups(lr=1e-2))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, n_epochs * 8)
    losses = []
    for _ in range(n_epochs):
        total = 0.0
        for rows in torch.randperm(256).split(32):
            loss = criterion(model(x[rows]), y[rows]) + reg.loss()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            reg.step(optimizer)  # before the schedule's step, which changes the rate
            schedule.step()
            total += loss.item()
        losses.append(total / 8)
    return model, losses


if __name__ == "__main__":
    trained, curve = train()
    zeros = (trained[0].weight == 0).float().mean().item()
    print(f"loss {curve[0]:.3f} at first, {curve[-1]:.3f} at last; {zeros:.0%} of layer 0 are zero")

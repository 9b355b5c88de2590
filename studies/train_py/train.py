"""Trains a small network on scikit-learn's digits."""

from __future__ import annotations

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn.functional import cross_entropy

BATCH_SIZE = 64
LR = 2e-3


def make_data(seed: int) -> list[torch.Tensor]:
    """Images and labels: of training, validation and test."""
    images, labels = load_digits(return_X_y=True)
    x, y = torch.tensor(images / 16, dtype=torch.float32), torch.tensor(labels)
    rows, test = train_test_split(range(len(y)), test_size=0.2, random_state=0)
    train, validation = train_test_split(rows, test_size=0.25, random_state=seed)
    return [part for own in (train, validation, test) for part in (x[own], y[own])]


def make_model() -> nn.Module:
    """A network with one hidden layer."""
    return nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))


@torch.no_grad()
def evaluate(model: nn.Module, x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    """The loss and the accuracy."""
    output = model.eval()(x)
    return cross_entropy(output, y).item(), (output.argmax(1) == y).float().mean().item()


def train(run) -> nn.Module:
    """The trained network."""
    torch.manual_seed(run.seed)
    x, y, x_val, y_val, x_test, y_test = make_data(run.split_seed)
    model = make_model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LR, weight_decay=run.strength)
    for _ in range(run.epochs):
        model.train()
        for batch in torch.randperm(len(y)).split(BATCH_SIZE):
            optimizer.zero_grad()
            cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
        fit, (val_loss, val_accuracy) = evaluate(model, x, y)[0], evaluate(model, x_val, y_val)
        test = evaluate(model, x_test, y_test)[0] if run.is_final else 0.0
        run.report(train_loss=fit, val_loss=val_loss, val_accuracy=val_accuracy, test_loss=test)
    return model

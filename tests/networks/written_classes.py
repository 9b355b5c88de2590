"""Networks as people write them: classes with a forward of their own that are chains of layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

N_CLASSES = 3
FLAT, IMAGE, SERIES = (6,), (1, 8, 8), (2, 9)
"""Shapes of rows."""


class MLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(6, 8), nn.Linear(8, 5)
        self.out = nn.Linear(5, N_CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Flattens {rows}."""
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        return self.out(torch.relu(self.fc2(x)))


class DeclaredBackwards(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(8, N_CLASSES)
        self.relu = nn.ReLU(inplace=True)
        self.fc = nn.Linear(6, 8, bias=False)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        x = x.view(x.size(0), -1)
        if mask is not None:
            x = x * mask
        return self.out(self.relu(self.fc(x)))


class Loop(nn.Module):
    depth = 2

    def __init__(self, p: float = 0.4) -> None:
        super().__init__()
        self.p, self.act = p, F.relu
        self.layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(self.depth))
        self.heads = nn.ModuleDict({"class": nn.Linear(6, N_CLASSES)})

    def body(self, x: Tensor) -> Tensor:
        for i, layer in enumerate(self.layers):
            x = self.act(layer(x))
            if i + 1 < len(self.layers):
                x = F.dropout(x, p=self.p, training=self.training)
        return x

    def forward(self, x: Tensor) -> Tensor:
        return self.heads["class"](self.body(x))


class TanhMLP(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(6, 8), nn.Sigmoid(), nn.Linear(8, 5))
        self.out = nn.Linear(5, N_CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.hidden(x).tanh())


class WithDropout(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.out = nn.Linear(6, 8), nn.Linear(8, N_CLASSES)
        self.dropout = nn.Dropout(0.3)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.dropout(F.relu(self.fc(x), inplace=True)))


class LeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 5, 3)
        self.fc1, self.fc2 = nn.Linear(5, 7), nn.Linear(7, N_CLASSES)
        self.dropout = nn.Dropout(0.25)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), (2, 2), stride=2)
        x = x.view(-1, 5 * 1 * 1)
        return self.fc2(self.dropout(F.relu(self.fc1(x))))


class Block(nn.Module):
    def __init__(self, n_inputs: int, n_outputs: int, pool: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n_inputs, n_outputs, 3, padding=1, bias=False)
        self.norm, self.act, self.pool = nn.BatchNorm2d(n_outputs), nn.ReLU(), pool

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.norm(self.conv(x)))
        return F.avg_pool2d(x, 2) if self.pool else x


class Blocks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(Block(1, 3, True), Block(3, 4, False))
        self.out = nn.Linear(4, N_CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(self.features(x), 1)
        return self.out(x.reshape(x.shape[0], -1))


class Pooled(nn.Module):
    """One pool and one activation at two places."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 3, 3), nn.Conv2d(3, 4, 2)
        self.pool, self.relu, self.flatten = nn.MaxPool2d(2), nn.ReLU(), nn.Flatten()
        self.out = nn.Linear(4, N_CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        return self.out(self.flatten(x))


class Series(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv1d(2, 4, 3), nn.BatchNorm1d(4)
        self.out = nn.Linear(12, N_CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        n, _, _ = x.shape
        x = F.max_pool1d(self.norm(self.conv(x)).relu(), kernel_size=2)
        return self.out(x.view(n, -1))


class FromFlat(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv, self.out = nn.Conv2d(1, 2, 2), nn.Linear(4, N_CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x.view(-1, 1, 2, 3)).relu()
        return self.out(x.flatten(start_dim=1))


class Normed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.norm, self.out = nn.Linear(6, 8), nn.LayerNorm(8), nn.Linear(8, N_CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.dropout(self.norm(self.fc(x)).relu(), 0.2, self.training))


class TwoNames(nn.Module):
    """A layer with another name, by which it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(6, N_CLASSES)
        self.first = self.hidden = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.relu(self.hidden(x)))


class Flat(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.view(x.size()[0], -1)


def in_a_sequence() -> nn.Module:
    """A class within a sequence."""
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), Flat(), nn.Linear(72, N_CLASSES))


def of_a_function() -> nn.Module:
    """A class that is made in a function, where torch's names are local ones."""
    functions = F

    class Inner(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.out = nn.Linear(6, 4), nn.Linear(4, N_CLASSES)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(functions.relu(self.fc(x)))

    return Inner()


CHAINS: Mapping[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "mlp": (MLP, FLAT),
    "declared backwards": (DeclaredBackwards, FLAT),
    "loop over a list": (Loop, FLAT),
    "tanh": (TanhMLP, FLAT),
    "dropout module": (WithDropout, FLAT),
    "lenet": (LeNet, IMAGE),
    "nested blocks": (Blocks, IMAGE),
    "pools and activations twice": (Pooled, IMAGE),
    "series": (Series, SERIES),
    "images of flat rows": (FromFlat, FLAT),
    "layer norm": (Normed, FLAT),
    "two names": (TwoNames, FLAT),
    "within a sequence": (in_a_sequence, IMAGE),
    "class of a function": (of_a_function, FLAT),
}
"""What makes a network, and the shape of its rows."""

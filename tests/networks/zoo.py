"""Networks of every kind that people write, small: what trains them must be as plain PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune
from torch.utils.checkpoint import checkpoint

CLASSES, FEATURES, WORDS = 3, 6, 12
Make = Callable[[], nn.Module]


class Calls(nn.Module):
    """A network written as one function of its parts."""

    def __init__(self, forward: Callable[[Any, Tensor], Tensor], **parts: Any) -> None:
        super().__init__()
        self.function = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: Tensor) -> Tensor:
        return self.function(self, x)


def flat(*layers: nn.Module, width: int = 8) -> nn.Module:
    return nn.Sequential(*layers, nn.Linear(width, CLASSES))


def planes(*layers: nn.Module, size: tuple[int, ...] = (1, 6)) -> nn.Module:
    return nn.Sequential(nn.Unflatten(1, size), *layers, nn.Flatten(), nn.LazyLinear(CLASSES))


def after(activation: Make) -> Make:
    return lambda: flat(nn.Linear(FEATURES, 8), activation())


def last(recurrent: nn.Module) -> nn.Module:
    return Calls(
        lambda m, x: m.out(m.body(x.unflatten(1, (3, 2)))[0][:, -1]),
        body=recurrent,
        out=nn.Linear(5, CLASSES),
    )


def looked_up(table: nn.Module) -> nn.Module:
    return Calls(lambda m, x: m.out(m.table(x).mean(1)), table=table, out=nn.Linear(4, CLASSES))


def halved(weight: Tensor) -> None:
    assert weight.grad is not None
    weight.grad *= 0.5


def hooked(where: str) -> nn.Module:
    model = flat(nn.Linear(FEATURES, 8), nn.Tanh())
    assert isinstance(model, nn.Sequential)
    weight = model[0].weight
    if where == "weight":
        weight.register_hook(lambda g: g * torch.tril(torch.ones_like(g)))
    if where == "module":
        model[1].register_full_backward_hook(lambda m, gi, go: tuple(0.5 * g for g in gi))
    if where == "accumulated":
        weight.register_post_accumulate_grad_hook(halved)
    return model


def tensor_hook(m: Any, x: Tensor) -> Tensor:
    hidden = m.a(x)
    if hidden.requires_grad:
        hidden.register_hook(lambda g: 0.5 * g)
    return m.b(torch.tanh(hidden))  # type: ignore[no-any-return]


def two(**more: Any) -> dict[str, Any]:
    return {"a": nn.Linear(FEATURES, 8), "b": nn.Linear(8, CLASSES), **more}


def without_gradients(m: Any, x: Tensor) -> Tensor:
    with torch.no_grad():
        hidden = m.a(x)
    return m.b(hidden)  # type: ignore[no-any-return]


def inner_gradient(m: Any, x: Tensor) -> Tensor:
    slope = torch.func.vmap(torch.func.grad(lambda row: m.a(row).tanh().sum()))(x)
    return m.b(torch.tanh(m.a(x))) + slope[:, :CLASSES]  # type: ignore[no-any-return]


def autocast(m: Any, x: Tensor) -> Tensor:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return m.b(torch.tanh(m.a(x)))  # type: ignore[no-any-return]


def masked_unless_full(m: Any, x: Tensor) -> Tensor:
    """Skips a mask that hides nothing, except where it is traced: as transformers do."""
    seen = x != 0
    hidden = m.table(x)
    if torch.compiler.is_compiling() or not seen.all():
        hidden = hidden * seen[..., None]
    return m.out(hidden.mean(1))  # type: ignore[no-any-return]


def blank(m: Any, x: Tensor) -> Tensor:
    if m.training:
        x[torch.rand_like(x) < 0.2] = 0
    return m.b(m.a(x))  # type: ignore[no-any-return]


def shift(m: Any, x: Tensor) -> Tensor:
    x -= 0.5
    return m.b(torch.tanh(m.a(x)))  # type: ignore[no-any-return]


def attention(m: Any, x: Tensor) -> Tensor:
    rows = m.embed(x.unflatten(1, (3, 2)))
    mask = torch.triu(torch.ones(3, 3, dtype=torch.bool, device=x.device), 1)
    return m.out(m.attend(rows, rows, rows, attn_mask=mask, need_weights=False)[0].mean(1))  # type: ignore[no-any-return]


def written_attention(m: Any, x: Tensor) -> Tensor:
    rows = m.embed(x.unflatten(1, (3, 2)))
    q, k, v = m.qkv(rows).chunk(3, -1)
    scores = (q @ k.transpose(-1, -2) / math.sqrt(8)).masked_fill(m.mask, -torch.inf)
    return m.out((scores.softmax(-1) @ v).mean(1))  # type: ignore[no-any-return]


def tied(m: Any, x: Tensor) -> Tensor:
    hidden = m.embed(x).mean(1)
    return m.out(torch.tanh(hidden @ m.embed.weight.t()))  # type: ignore[no-any-return]


class Tokens(nn.Module):
    """A small vision transformer."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = nn.Linear(2, 8)
        self.cls_token = nn.Parameter(torch.randn(1, 1, 8) * 0.1)
        self.pos_embed = nn.Parameter(torch.randn(1, 4, 8) * 0.1)
        self.block = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True, norm_first=True)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        rows = self.patch(x.unflatten(1, (3, 2)))
        rows = torch.cat([self.cls_token.expand(len(x), -1, -1), rows], 1) + self.pos_embed
        return self.head(self.block(rows)[:, 0])  # type: ignore[no-any-return]


class Kept(nn.Module):
    """Keeps an activation to be looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(FEATURES, 8), nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        self.features = torch.tanh(self.a(x))
        return self.b(self.features)  # type: ignore[no-any-return]


class LoRA(nn.Module):
    """A frozen layer with a trained low-rank addition."""

    def __init__(self) -> None:
        super().__init__()
        self.base = nn.Linear(FEATURES, 8).requires_grad_(False)
        self.down, self.up = nn.Linear(FEATURES, 2, bias=False), nn.Linear(2, 8, bias=False)
        self.out = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(torch.tanh(self.base(x) + self.up(self.down(x))))  # type: ignore[no-any-return]


class Halves(nn.Module):
    """A parametrization of one's own."""

    def forward(self, weight: Tensor) -> Tensor:
        return weight / 2


SHARED = nn.Linear(FEATURES, 8)
"""One layer in all networks that are built of it, as a body that was loaded once."""


HOOKED = nn.Linear(FEATURES, 8)
"""Another, with a hook on its weight, which a copy must have as well."""
HOOKED.weight.register_hook(lambda g: g * torch.tril(torch.ones_like(g)))


def zero_bias() -> nn.Module:
    layer = nn.Linear(FEATURES, 8)
    nn.init.zeros_(layer.bias)
    return layer


def parametrized() -> nn.Module:
    layer = nn.Linear(FEATURES, 8)
    nn.utils.parametrize.register_parametrization(layer, "weight", Halves())
    return flat(layer, nn.Tanh())


def pruned() -> nn.Module:
    layer = nn.Linear(FEATURES, 8)
    prune.l1_unstructured(layer, "weight", amount=0.5)  # type: ignore[no-untyped-call]
    return flat(layer, nn.Tanh())


def residual(m: Any, x: Tensor) -> Tensor:
    hidden = m.a(x)
    hidden = hidden + m.norm(torch.relu(m.inner(hidden)))
    return m.b(hidden)  # type: ignore[no-any-return]


def saving(m: Any, x: Tensor) -> Tensor:
    return m.b(checkpoint(lambda rows: torch.tanh(m.a(rows)), x, use_reentrant=False))  # type: ignore[no-any-return]


def saving_dropout(m: Any, x: Tensor) -> Tensor:
    hidden = checkpoint(lambda rows: m.drop(torch.tanh(m.a(rows))), x, use_reentrant=False)
    return m.b(hidden)  # type: ignore[no-any-return]


NETWORKS: dict[str, Make] = {
    "linear": lambda: nn.Linear(FEATURES, CLASSES),
    "mlp": lambda: flat(nn.Linear(FEATURES, 8), nn.ReLU()),
    "deep mlp": lambda: flat(nn.Linear(FEATURES, 8), nn.Tanh(), nn.Linear(8, 8), nn.GELU()),
    "without bias": lambda: nn.Linear(FEATURES, CLASSES, bias=False),
    "elu": after(nn.ELU),
    "silu": after(nn.SiLU),
    "prelu": after(nn.PReLU),
    "softplus": after(nn.Softplus),
    "leaky relu": after(nn.LeakyReLU),
    "relu in place": after(lambda: nn.ReLU(inplace=True)),
    "glu": lambda: flat(nn.Linear(FEATURES, 16), nn.GLU()),
    "softmax inside": after(lambda: nn.Softmax(1)),
    "bilinear": lambda: Calls(lambda m, x: m.a(x, x), a=nn.Bilinear(FEATURES, FEATURES, CLASSES)),
    "batch norm": lambda: flat(nn.Linear(FEATURES, 8), nn.BatchNorm1d(8), nn.ReLU()),
    "batch norm without statistics": lambda: flat(
        nn.Linear(FEATURES, 8), nn.BatchNorm1d(8, track_running_stats=False)
    ),
    "batch norm of means": lambda: flat(
        nn.Linear(FEATURES, 8), nn.BatchNorm1d(8, momentum=None), nn.ReLU()
    ),
    "batch norm of zero means": lambda: flat(
        nn.Linear(FEATURES, 8), nn.BatchNorm1d(8), nn.Linear(8, 8, bias=False), nn.BatchNorm1d(8)
    ),
    "batch norm after a bias of zeros": lambda: flat(zero_bias(), nn.BatchNorm1d(8), nn.ReLU()),
    "layer norm": lambda: flat(nn.Linear(FEATURES, 8), nn.LayerNorm(8), nn.ReLU()),
    "rms norm": lambda: flat(nn.Linear(FEATURES, 8), nn.RMSNorm(8), nn.ReLU()),
    "group norm": lambda: planes(nn.Conv1d(1, 4, 3), nn.GroupNorm(2, 4)),
    "instance norm": lambda: planes(nn.Conv1d(1, 4, 3), nn.InstanceNorm1d(4, affine=True)),
    "local response norm": lambda: planes(nn.Conv1d(1, 4, 3), nn.LocalResponseNorm(2)),
    "conv1d": lambda: planes(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.MaxPool1d(2)),
    "conv1d padded": lambda: planes(nn.Conv1d(1, 4, 3, padding=1, padding_mode="circular")),
    "conv2d": lambda: planes(nn.Conv2d(1, 4, 2), nn.ReLU(), size=(1, 2, 3)),
    "conv2d grouped": lambda: planes(nn.Conv2d(2, 4, (1, 2), groups=2), size=(2, 1, 3)),
    "conv3d": lambda: planes(nn.Conv3d(1, 2, (1, 1, 2)), size=(1, 1, 2, 3)),
    "transposed": lambda: planes(nn.ConvTranspose1d(1, 2, 3), nn.ReLU()),
    "average pool": lambda: planes(nn.Conv1d(1, 4, 3), nn.AdaptiveAvgPool1d(1)),
    "upsampled": lambda: planes(nn.Upsample(scale_factor=2), nn.Conv1d(1, 2, 3)),
    "dropout": lambda: flat(nn.Linear(FEATURES, 8), nn.ReLU(), nn.Dropout(0.3)),
    "dropout in place first": lambda: nn.Sequential(
        nn.Dropout(0.2, inplace=True), flat(nn.Linear(FEATURES, 8), nn.ReLU())
    ),
    "alpha dropout": lambda: flat(nn.Linear(FEATURES, 8), nn.SELU(), nn.AlphaDropout(0.2)),
    "dropout of channels": lambda: planes(nn.Conv1d(1, 4, 3), nn.Dropout1d(0.3)),
    "lstm": lambda: last(nn.LSTM(2, 5, batch_first=True)),
    "gru": lambda: last(nn.GRU(2, 5, batch_first=True)),
    "rnn": lambda: last(nn.RNN(2, 5, batch_first=True)),
    "cell": lambda: Calls(
        lambda m, x: m.out(m.cell(x[:, :3], m.cell(x[:, 3:]))),
        cell=nn.GRUCell(3, 5),
        out=nn.Linear(5, CLASSES),
    ),
    "attention": lambda: Calls(
        attention,
        embed=nn.Linear(2, 8),
        attend=nn.MultiheadAttention(8, 2, batch_first=True),
        out=nn.Linear(8, CLASSES),
    ),
    "written attention": lambda: Calls(
        written_attention,
        embed=nn.Linear(2, 8),
        qkv=nn.Linear(8, 24),
        mask=nn.Buffer(torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)),
        out=nn.Linear(8, CLASSES),
    ),
    "vision transformer": Tokens,
    "residual": lambda: Calls(residual, **two(inner=nn.Linear(8, 8), norm=nn.BatchNorm1d(8))),
    "two heads": lambda: Calls(
        lambda m, x: m.b(torch.tanh(m.a(x))) + m.c(x), **two(c=nn.Linear(FEATURES, CLASSES))
    ),
    "functional": lambda: Calls(
        lambda m, x: F.linear(torch.tanh(m.a(x)), m.w), **two(w=nn.Parameter(torch.ones(3, 8)))
    ),
    "weight norm": lambda: flat(parametrizations.weight_norm(nn.Linear(FEATURES, 8)), nn.Tanh()),
    "spectral norm": lambda: flat(parametrizations.spectral_norm(nn.Linear(FEATURES, 8))),
    "orthogonal": lambda: flat(parametrizations.orthogonal(nn.Linear(FEATURES, FEATURES)), width=6),
    "old spectral norm": lambda: flat(nn.utils.spectral_norm(nn.Linear(FEATURES, 8))),
    "parametrized": parametrized,
    "shared between builds": lambda: flat(SHARED, nn.Tanh()),
    "hook on a body loaded once": lambda: flat(HOOKED, nn.Tanh()),
    "pruned": pruned,
    "kept activation": Kept,
    "low rank": LoRA,
    "hook on a weight": lambda: hooked("weight"),
    "hook of a module": lambda: hooked("module"),
    "hook after accumulation": lambda: hooked("accumulated"),
    "hook on a tensor": lambda: Calls(tensor_hook, **two()),
    "without gradients": lambda: Calls(without_gradients, **two()),
    "detached": lambda: Calls(lambda m, x: m.b(m.a(x).detach().tanh()), **two()),
    "idle layer": lambda: Calls(lambda m, x: m.b(m.a(x)), **two(idle=nn.Linear(2, 2))),
    "gradient inside": lambda: Calls(inner_gradient, **two()),
    "autocast": lambda: Calls(autocast, **two()),
    "checkpointing": lambda: Calls(saving, **two()),
    "checkpointing with dropout": lambda: Calls(saving_dropout, **two(drop=nn.Dropout(0.3))),
    "blanked in place": lambda: Calls(blank, **two()),
    "shifted in place": lambda: Calls(shift, **two()),
    "parallel": lambda: nn.DataParallel(flat(nn.Linear(FEATURES, 8), nn.Tanh())),
    "data-dependent": lambda: Calls(
        lambda m, x: m.b(m.a(x) if float(x.sum()) > 0 else torch.tanh(m.a(x))), **two()
    ),
}
"""By name, networks of rows of six numbers."""

LOOKED_UP: dict[str, Make] = {
    "embedding": lambda: looked_up(nn.Embedding(WORDS, 4)),
    "padded embedding": lambda: looked_up(nn.Embedding(WORDS, 4, padding_idx=0)),
    "normed embedding": lambda: looked_up(parametrizations.weight_norm(nn.Embedding(WORDS, 4))),
    "bag": lambda: Calls(
        lambda m, x: m.out(m.table(x)), table=nn.EmbeddingBag(WORDS, 4), out=nn.Linear(4, CLASSES)
    ),
    "functional padding": lambda: Calls(
        lambda m, x: m.out(F.embedding(x, m.w, padding_idx=0).mean(1)),
        w=nn.Parameter(torch.ones(WORDS, 4)),
        out=nn.Linear(4, CLASSES),
    ),
    "tied embedding": lambda: Calls(
        tied, embed=nn.Embedding(WORDS, 4), out=nn.Linear(WORDS, CLASSES)
    ),
    "mask with a short cut": lambda: Calls(
        masked_unless_full, table=nn.Embedding(WORDS, 4), out=nn.Linear(4, CLASSES)
    ),
    "language model": lambda: Calls(
        lambda m, x: m.out(m.block(m.table(x) + m.places(torch.arange(6, device=x.device)))[:, 0]),
        table=nn.Embedding(WORDS, 8),
        places=nn.Embedding(6, 8),
        block=nn.TransformerEncoderLayer(8, 2, 16, 0.1, batch_first=True),
        out=nn.Linear(8, CLASSES),
    ),
}
"""By name, networks of rows of six whole numbers below twelve."""

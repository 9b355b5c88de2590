"""The lines that apply found strengths in training code that is not ours: text, and nothing else.

``sweep best`` prints them, and the report shows them. They are Python that runs, given a ``model``,
a ``loader`` and a ``criterion``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from types import MappingProxyType

from sweep.records.parameters import AUGMENT, DROPOUT, LR_OF, MODEL, number_of
from sweep.regularizers.catalogue import REGULARIZERS, acts_on_weights, is_mixture, regularizes

Settings = Mapping[str, object]
"""By the keys of ``[training]`` and ``[search]`` and the names of axes."""


@dataclass(frozen=True)
class TorchOptimizer:
    """How torch spells an optimizer of the study."""

    call: str
    numbers: Mapping[str, str] = field(default_factory=dict)
    """Torch's argument by our number; those that become ``betas`` are not among them."""
    flags: tuple[str, ...] = ()
    betas: bool = False
    usual: Mapping[str, object] = field(default_factory=dict)
    """Our numbers where nothing is said, and torch has others."""
    fixed: Mapping[str, object] = field(default_factory=dict)
    """Arguments that are always given."""
    decoupled: bool = False
    """Whether its ``weight_decay`` is decay beside the gradient."""
    has_metric: bool = True
    """Whether proximal steps have a size under it."""


TORCH_OPTIMIZERS: Mapping[str, TorchOptimizer] = MappingProxyType(
    {
        "sgd": TorchOptimizer(
            "torch.optim.SGD",
            {"momentum": "momentum", "dampening": "dampening"},
            ("nesterov",),
            usual={"momentum": 0.9},
        ),
        "adam": TorchOptimizer(
            "torch.optim.AdamW", {"eps": "eps"}, ("amsgrad",), betas=True, decoupled=True
        ),
        "adamw": TorchOptimizer(
            "torch.optim.AdamW", {"eps": "eps"}, ("amsgrad",), betas=True, decoupled=True
        ),
        "nadam": TorchOptimizer(
            "torch.optim.NAdam",
            {"eps": "eps", "momentum_decay": "momentum_decay"},
            betas=True,
            fixed={"decoupled_weight_decay": True},
            decoupled=True,
        ),
        "rmsprop": TorchOptimizer(
            "torch.optim.RMSprop", {"beta2": "alpha", "eps": "eps", "momentum": "momentum"}
        ),
        "lion": TorchOptimizer("Lion", betas=True, has_metric=False),
        "muon": TorchOptimizer("Muon", {"momentum": "momentum"}, ("nesterov",), has_metric=False),
    }
)
"""Builtin ones; those without a module are not torch's, or take other steps there."""
USUAL_BETAS = (0.9, 0.999)
ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "dropout": "set the rate of every dropout in the model: nn.Dropout({0!r})",
        "input_noise": "x = x + {0!r} * torch.randn_like(x), in training alone",
        "label_smoothing": "criterion = torch.nn.CrossEntropyLoss(label_smoothing={0!r}), "
        "in training alone",
        "mixup": "mix each batch with itself, in training alone: share = "
        "torch.distributions.Beta({0!r}, {0!r}).sample(); x = share * x + (1 - share) * "
        "x.roll(1, 0); loss = share * criterion(model(x), y) + (1 - share) * criterion(model(x), "
        "y.roll(1, 0))",
        "early_stopping": "stop after {1} epochs without a better validation loss, and keep the "
        "best weights",
        "patience": "stop after {0:g} epochs without a better validation loss, and keep the best "
        "weights",
    }
)
"""What to do for a regularizer that acts on no weights; {0} is its strength, {1} the inverse."""
TRAINING = (
    "schedule",
    "warmup",
    "final_lr",
    "gamma",
    "milestones",
    "cooldown",
    "clip_norm",
    "clip_value",
    "ema",
    "accumulate",
    "lr_of",
    "epochs",
    "batch_size",
    "augment",
    "penalty_from",
    "penalty_until",
)
"""Keys of the training that the lines do not contain, and a comment names."""
SELECTION = ("scope", "include", "exclude")
"""Which weights are penalized, where the study says so."""


def usage_lines(
    penalty: str,
    strengths: Mapping[str, float] | float,
    optimizer: str,
    lr: float,
    *,
    settings: Settings = MappingProxyType({}),
    source: str = "",
) -> tuple[str, ...]:
    """Lines of Python that train with a regularizer as the study did.

    Args:
        penalty: Its name, as the study has it.
        strengths: Those of the layers by name, or one number.
        optimizer: The optimizer's name, as the study has it.
        lr: The learning rate that schedules multiply; nan where only its owner knows it.
        settings: What else is known: numbers of the optimizer (``momentum``, ``beta1``) and of the
            penalty (``elastic_net.l1_share``), ``scope``, ``include``, ``exclude``,
            ``scale_invariant`` layers, and axes such as ``dropout``. What the lines cannot do is
            named in comments.
        source: The file that ``sweep best`` wrote, which then says what is regularized how. A
            mixture needs it.

    Returns:
        The lines, without their ends: at least the optimizer and the loop.
    """
    settings = {name: _plain(value) for name, value in settings.items() if value == value}
    spelled = TORCH_OPTIMIZERS.get(optimizer, _foreign(optimizer))
    mixed = is_mixture(penalty)
    on_weights = bool(source) or mixed or (regularizes(penalty) and acts_on_weights(penalty))
    comments = [f"# {line}" for line in _comments(penalty, settings)]
    if not on_weights:
        if regularizes(penalty):
            comments.insert(0, f"# {elsewhere(penalty, _largest(strengths))}")
        groups = f"model.parameters(), lr={_rate(lr)}, weight_decay=0.0"
        return (*comments, _optimizer(optimizer, spelled, groups, settings), *_loop(None))
    made = f"sweep.Regularizer.of({source or 'best.pt'!r}, model{_own(penalty)})"
    if not source and not mixed:
        made = f"sweep.Regularizer(model, {constructor_arguments(penalty, strengths, settings)})"
    beside = not spelled.decoupled and _may_decay(penalty)
    groups = f"reg.parameter_groups(lr={_rate(lr)}{', weight_decay=0.0' if beside else ''})"
    return (
        *comments,
        f"reg = {made}",
        _optimizer(optimizer, spelled, groups, settings),
        *_loop(spelled),
    )


def elsewhere(regularizer: str, strength: float) -> str:
    """What to do in one's own code for a regularizer that acts on no weights."""
    inverse = max(1, round(1 / strength)) if strength > 0 else 0
    return ELSEWHERE[regularizer].format(strength, inverse)


def _own(penalty: str) -> str:
    """What ``Regularizer.of`` is given beside the model for a penalty of one's own."""
    builtin = penalty in REGULARIZERS or is_mixture(penalty)
    return "" if builtin else f", penalties={{{penalty!r}: {_identifier(penalty)}}}"


def _foreign(name: str) -> TorchOptimizer:
    """An optimizer that torch has not, or not with the same steps."""
    return TorchOptimizer(_identifier(name), has_metric=False)


def _may_decay(penalty: str) -> bool:
    """Whether it may shrink weights beside the optimizer; a mixture may."""
    return is_mixture(penalty) or (penalty in REGULARIZERS and REGULARIZERS[penalty].shrinks)


def _loop(optimizer: TorchOptimizer | None) -> tuple[str, ...]:
    """The loop with a regularizer under this optimizer, or without one."""
    if optimizer is None:
        return (
            "for x, y in loader:",
            "    loss = criterion(model(x), y)",
            "    optimizer.zero_grad(); loss.backward(); optimizer.step()",
        )
    if not optimizer.has_metric:  # subgradients come between backward and step
        return (
            "for x, y in loader:",
            "    loss = criterion(model(x), y)",
            "    optimizer.zero_grad(); loss.backward(); reg.add_gradients(optimizer)",
            "    optimizer.step(); reg.step(optimizer)",
        )
    return (
        "for x, y in loader:",
        "    loss = criterion(model(x), y) + reg.loss()",
        "    optimizer.zero_grad(); loss.backward(); optimizer.step()",
        "    reg.step(optimizer)",
    )


def constructor_arguments(
    penalty: str, strengths: Mapping[str, float] | float, settings: Settings
) -> str:
    """What ``Regularizer`` is called with after the model."""
    known = REGULARIZERS.get(penalty)
    words = [f'"{penalty}"' if known else _identifier(penalty)]
    if known is None or known.has_strength:
        words.append(f"strength={_table(strengths)}")
    numbers = {
        name: value
        for name in (known.numbers if known else ())
        if (value := settings.get(number_of(penalty, name))) is not None
    }
    if numbers:
        own = {number_of(penalty, name): value for name, value in numbers.items()}
        words.append(f"numbers={own!r}")
    for name in SELECTION:
        if (value := settings.get(name)) and value != "weights":
            words.append(f"{name}={value!r}")
    if known and known.asks_invariance:
        words.append(f"scale_invariant={settings.get('scale_invariant', [])!r}")
    return ", ".join(words)


def _table(strengths: Mapping[str, float] | float) -> str:
    """One number where all layers have the same."""
    if not isinstance(strengths, Mapping):
        return repr(float(strengths))
    plain = {layer: float(strength) for layer, strength in strengths.items()}
    if len(set(plain.values())) == 1:
        return repr(next(iter(plain.values())))
    return repr(plain)


def _rate(lr: float) -> str:
    """A learning rate in Python, or the name of the reader's own where it is not known."""
    return repr(float(lr)) if math.isfinite(lr) else "lr"


def _largest(strengths: Mapping[str, float] | float) -> float:
    return max(strengths.values()) if isinstance(strengths, Mapping) else float(strengths)


def _plain(value: object) -> object:
    """Numbers of numpy as Python's, and sequences and the keys of a table as a list."""
    if isinstance(value, Sequence | Mapping) and not isinstance(value, str):
        return list(value)
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def _identifier(name: str) -> str:
    """A name of the study's own as Python may have it: a database may hold any text."""
    return name if name.isidentifier() and not iskeyword(name) else "of_your_own"


def _optimizer(name: str, spelled: TorchOptimizer, groups: str, settings: Settings) -> str:
    words = [groups]
    for own, theirs in spelled.numbers.items():
        if (value := settings.get(own, spelled.usual.get(own))) is not None:
            words.append(f"{theirs}={value!r}")
    if spelled.betas:
        betas = tuple(settings.get(f"beta{i + 1}", usual) for i, usual in enumerate(USUAL_BETAS))
        words += [f"betas={betas!r}"] if betas != USUAL_BETAS else []
    words += [f"{flag}=True" for flag in spelled.flags if settings.get(flag)]
    words += [f"{key}={value!r}" for key, value in spelled.fixed.items()]
    own = "" if spelled.call.startswith("torch.") else "  # the one that you train with"
    return f"optimizer = {spelled.call}({', '.join(words)}){own}"


def _comments(penalty: str, settings: Settings) -> list[str]:
    """What belongs to the training and is in none of the lines."""
    found = [
        elsewhere(name, float(value))
        for name in ELSEWHERE
        if name != penalty and isinstance(value := settings.get(name), int | float) and value
    ]
    kinds = (DROPOUT, LR_OF, AUGMENT, MODEL)
    rest = {
        name: value
        for name, value in settings.items()
        if (name in TRAINING and value) or any(name in kind for kind in kinds)
    }
    if rest:
        found.append(
            "as in the study: "
            + ", ".join(f"{_shown(k, '')} = {_shown(v)}" for k, v in rest.items())
        )
    return found


def _shown(value: object, quote: str = '"') -> str:
    """In one line of a comment."""
    if isinstance(value, str) and value.isprintable():
        return f"{quote}{value}{quote}"
    return ascii(value)

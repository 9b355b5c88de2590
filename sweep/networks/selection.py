"""Which parameters a penalty acts on, and why the others are left alone.

By custom (Goodfellow, Bengio & Courville 2016, section 7.1; Loshchilov & Hutter 2019) weights are
regularized, and biases, norm layers and embeddings are not; vision transformers leave their class
tokens and position embeddings alone too. What a parameter is follows from the module that has it,
from its shape, and for parameters of hand-written modules from their name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from torch import nn

from sweep.errors import StudyError

if TYPE_CHECKING:
    from sweep.study.search_settings import SearchSettings  # loads pydantic

NORM_LAYERS: tuple[type[nn.Module], ...] = (
    nn.modules.batchnorm._BatchNorm,
    nn.GroupNorm,
    nn.LayerNorm,
    nn.RMSNorm,
    nn.LocalResponseNorm,
)
WEIGHTED = (nn.Linear, nn.Bilinear, nn.modules.conv._ConvNd)
"""Modules whose ``weight`` is one also in a subclass that somebody wrote."""
EMBEDDINGS: tuple[type[nn.Module], ...] = (nn.Embedding, nn.EmbeddingBag)
WORDS_OF_PLACES = frozenset(
    [
        "pos",
        "position",
        "positions",
        "positional",
        "cls",
        "token",
        "tokens",
        "bias",
        "gate",
        "scale",
    ]
)
"""Words in the name of a hand-written module's parameter that say it is no weight."""
PARAMETRIZATIONS = "parametrizations"
"""The module below which torch keeps what a parametrized weight is computed from."""


@dataclass(frozen=True)
class Selection:
    """What a study says about the parameters that are penalized."""

    scope: str = "weights"
    """``weights``, or ``all`` trainable parameters."""
    include: tuple[str, ...] = ()
    """Patterns (``head.*``) of names of parameters or layers that are penalized in any case."""
    exclude: tuple[str, ...] = ()
    """Patterns of those that are left alone in any case."""

    @classmethod
    def of(cls, search: SearchSettings) -> Selection:
        """What the study says."""
        return cls(search.scope, search.include, search.exclude)


@dataclass(frozen=True)
class ParameterChoice:
    """One parameter of a network, and whether a penalty acts on it."""

    name: str
    shape: tuple[int, ...]
    spared: str
    """Why it is left alone; "" where it is penalized."""


def penalized_parameters(
    model: nn.Module, selection: Selection | str = "weights"
) -> tuple[str, ...]:
    """The names of the parameters that a penalty acts on, in the model's order.

    Args:
        model: The network.
        selection: What the study says, or its scope alone.

    Returns:
        Names as ``model.named_parameters()`` has them; a tied weight counts once.
    """
    chosen = Selection(selection) if isinstance(selection, str) else selection
    return tuple(c.name for c in choose_parameters(model, chosen) if not c.spared)


def choose_parameters(
    model: nn.Module, selection: Selection, idle: Set[str] = frozenset()
) -> tuple[ParameterChoice, ...]:
    """Every parameter of the model in its order, with the reason why it is left alone.

    ``idle`` are the names of those that get no gradient, and count as frozen.
    A tied weight counts once, under the first name that the model gives it, and is left alone if
    any of the modules that share it leaves it alone. ``exclude`` is stronger than ``include``, and
    that than the scope. Raises StudyError for a pattern without a trainable parameter.
    """
    reasons: dict[str, list[str]] = {}
    names: dict[int, str] = {}
    by_custom = _left_alone_by_the_model(model)
    for place in _places(model):
        name = names.setdefault(id(place.parameter), place.name)
        reasons.setdefault(name, []).append(place.reason(by_custom))
    parameters = dict(model.named_parameters())
    _check_patterns(selection, parameters)
    return tuple(
        ParameterChoice(
            name,
            tuple(parameters[name].shape),
            "gets no gradient"
            if name in idle
            else _spared(name, parameters[name], next(filter(None, found), ""), selection),
        )
        for name, found in reasons.items()
    )


def matrices_of(model: nn.Module) -> tuple[str, ...]:
    """The names of the weights that are matrices, in the model's order.

    Biases, norm layers, embeddings, convolutions and what is penalized by choice alone are none.
    """
    choices = choose_parameters(model, Selection())
    return tuple(c.name for c in choices if not c.spared and len(c.shape) == 2)


def layer_name(parameter: str) -> str:
    """``hidden1`` for ``hidden1.weight``: a layer is named by its module where that is clear."""
    return parameter.removesuffix(".weight")


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns is of this parameter, by its name or its layer's."""
    return any(
        fnmatchcase(name, pattern) or fnmatchcase(layer_name(name), pattern) for pattern in patterns
    )


def _spared(name: str, parameter: nn.Parameter, by_default: str, selection: Selection) -> str:
    if not parameter.requires_grad:
        return "frozen"
    if not parameter.numel():
        return "without numbers"
    if matches(name, selection.exclude):
        return "search.exclude"
    if selection.scope == "all" or matches(name, selection.include):
        return ""
    return by_default


def _check_patterns(selection: Selection, parameters: Mapping[str, nn.Parameter]) -> None:
    trainable = [name for name, parameter in parameters.items() if parameter.requires_grad]
    for key, patterns in (("include", selection.include), ("exclude", selection.exclude)):
        for pattern in patterns:
            if not any(matches(name, [pattern]) for name in trainable):
                raise StudyError(
                    f"search.{key}: a pattern must match a trainable parameter, found none for "
                    f"{pattern!r}; the parameters are {', '.join(trainable)}"
                )


# ---- what a parameter is -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Place:
    """A parameter in a module: a tied one has several."""

    name: str
    parameter: nn.Parameter
    owner: nn.Module
    """The module whose weight it is, or is computed from."""
    magnitude: bool
    """Whether weight norm keeps a weight's magnitudes in it."""

    def reason(self, by_custom: frozenset[str]) -> str:
        """Why it is no weight; "" where it is one."""
        parameter, owner = self.parameter, self.owner
        if isinstance(owner, NORM_LAYERS):
            return "of a norm layer"
        if isinstance(owner, EMBEDDINGS):
            return "an embedding"
        if parameter.ndim <= 1:
            return "a bias, scale or shift"
        if isinstance(owner, nn.MultiheadAttention):  # its own biases have three dimensions
            biases = (owner.bias_k, owner.bias_v)
            return "a bias, scale or shift" if any(parameter is bias for bias in biases) else ""
        if self.name in by_custom:
            return "the model's no_weight_decay"
        return self._reason_by_shape_and_name()

    def _reason_by_shape_and_name(self) -> str:
        """Of what a hand-written module, or a parametrization, holds itself."""
        own = type(self.owner).__module__.startswith("torch.nn.") or (
            isinstance(self.owner, WEIGHTED) and self.parameter is self.owner.weight
        )
        shape = self.parameter.shape
        if own and not (self.magnitude and shape.numel() == shape[0]):
            return ""
        if shape.numel() == max(shape):
            return "a vector by its shape"
        if len(shape) > 2 and shape[0] == 1:
            return "the same for every row, by its shape"
        words = set(self.name.rpartition(".")[2].lower().split("_"))
        return "a place, token, gate or scale by its name" if words & WORDS_OF_PLACES else ""


def _places(model: nn.Module) -> Iterator[_Place]:
    modules = dict(model.named_modules())
    for module_name, module in modules.items():
        *above, _ = module_name.split(".")
        inside = bool(above) and above[-1] == PARAMETRIZATIONS
        owner = modules[".".join(above[:-1])] if inside else module
        for name, parameter in module.named_parameters(recurse=False, remove_duplicate=False):
            whole = f"{module_name}.{name}" if module_name else name
            magnitude = name == "original0" if inside else name.endswith("_g")
            yield _Place(whole, parameter, owner, magnitude)


def _left_alone_by_the_model(model: nn.Module) -> frozenset[str]:
    """What modules say by ``no_weight_decay()``, as those of timm and of its followers do."""
    names: set[str] = set()
    for module_name, module in model.named_modules():
        custom = getattr(module, "no_weight_decay", None)
        if callable(custom):
            names |= {f"{module_name}.{name}" if module_name else str(name) for name in custom()}
    return frozenset(names)

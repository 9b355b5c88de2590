"""The layers of a small convolutional network as the library in C has them, found in its modules.

Legend: C channels, H height, W width; a sequence is an image of height 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from torch import Tensor, nn

from sweep.networks.chain import chain_of
from sweep.networks.linear_blocks import has_its_shapes
from sweep.runtime.trees import Tree

Pair = tuple[int, int]
"""Of height and width."""
Shape = tuple[int, int, int]
"""Height, width and channels."""


class Kind(IntEnum):
    """What a layer does."""

    CONVOLUTION = 0
    """Also a linear layer, whose image is one pixel."""
    NORM = 1
    MAX_POOL = 2
    AVERAGE_POOL = 3
    TO_PIXELS = 4
    """Numbers in torch's order, channel by channel, to pixel by pixel."""
    TO_CHANNELS = 5
    """The other way."""
    ROW_NORM = 6
    """Over the numbers of each row, where a norm is over the batch."""


@dataclass(frozen=True)
class ImageLayer:
    """One layer: its geometry, the names of what it reads and writes, and what follows it."""

    kind: Kind
    inputs: Shape
    outputs: Shape
    module: str = ""
    """The name of the module that has its weights."""
    kernel: Pair = (1, 1)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    weight: bool = False
    bias: bool = False
    momentum: float | None = None
    """Of a norm's running statistics; None for the mean of all batches."""
    eps: float = 0.0
    relu: bool = False
    dropout: float = 0.0
    """Rate of the dropout that comes after the ReLU."""

    @property
    def n_weights(self) -> int:
        """Of a convolution."""
        return math.prod((*self.kernel, self.inputs[2], self.outputs[2]))

    @property
    def by_pixel(self) -> bool:
        """Whether its outputs lie in another order than torch's."""
        height, width, channels = self.outputs
        return self.kind is not Kind.TO_CHANNELS and channels > 1 and height * width > 1


CONVOLUTIONS = {nn.Conv1d: 1, nn.Conv2d: 2}
TO_ONE = {nn.AdaptiveAvgPool1d: 1, nn.AdaptiveAvgPool2d: 2}
"""Types of modules, and how many dimensions their images have."""
NORMS = {nn.BatchNorm1d: (0, 1), nn.BatchNorm2d: (2,)}
"""Those that are known may be of several numbers of dimensions."""
POOLS = {
    nn.MaxPool1d: (1, Kind.MAX_POOL),
    nn.MaxPool2d: (2, Kind.MAX_POOL),
    nn.AvgPool1d: (1, Kind.AVERAGE_POOL),
    nn.AvgPool2d: (2, Kind.AVERAGE_POOL),
}
MAY_STAND_TWICE = (nn.ReLU, nn.Identity, nn.Flatten, nn.Unflatten, *POOLS, *TO_ONE)


def image_layers_of(model: nn.Module, row: Sequence[int]) -> tuple[ImageLayer, ...]:
    """The layers of a network for rows of this shape, from the input on; () for any other network.

    It is a chain of exactly these types, all of whose parameters are trained and used once, with
    no hook on any of them: then computing its layers gives what calling it would.
    """
    modules = chain_of(model)
    if modules is None:
        return ()
    stateful = [id(module) for _, module in modules if type(module) not in MAY_STAND_TWICE]
    parameters = [p for _, m in modules for p in m.parameters()]
    tensors = [*parameters, *(b for _, m in modules for b in m.buffers())]
    for each in (stateful, [id(tensor) for tensor in tensors]):
        if len(set(each)) < len(each):
            return ()
    if not all(p.requires_grad for p in parameters):
        return ()
    found = _Finder(row)
    try:
        if not all(found.takes(name, module) for name, module in modules):
            return ()
    except (TypeError, ValueError, LookupError):  # of sizes that are no whole numbers
        return ()
    return tuple(found.layers) if found.n_dimensions == 0 and found.has_weights else ()


def image_layers_for(model: nn.Module, rows: Tree[Tensor]) -> tuple[ImageLayer, ...]:
    """The layers of a network for such rows (B, ...)."""
    return image_layers_of(model, rows.shape[1:]) if isinstance(rows, Tensor) else ()


def parts_of(layers: Sequence[ImageLayer]) -> Iterator[tuple[ImageLayer, ...]]:
    """The layers cut after each dropout."""
    part: list[ImageLayer] = []
    for layer in layers:
        part.append(layer)
        if layer.dropout:
            yield tuple(part)
            part = []
    if part:
        yield tuple(part)


class _Finder:
    """Goes through modules, with the shape that their inputs have."""

    def __init__(self, row: Sequence[int]):
        self.layers: list[ImageLayer] = []
        self.n_dimensions = len(row) - 1
        """Of an image; 0 where rows are no images any more."""
        self.by_channel = True
        """Whether numbers lie in torch's order."""
        self.shape: Shape = (0, 0, 0)
        if 1 <= len(row) <= 3:
            self.shape = _shape(row)
        else:
            self.n_dimensions = -1

    @property
    def has_weights(self) -> bool:
        """Whether a layer so far is trained."""
        return any(layer.weight or layer.bias for layer in self.layers)

    def takes(self, name: str, module: nn.Module) -> bool:
        """Adds what a module does; whether it is known."""
        kind = type(module)
        if kind is nn.Identity:
            return True
        if isinstance(module, nn.Flatten) and kind is nn.Flatten:
            return self._flatten(module)
        if isinstance(module, nn.Unflatten) and kind is nn.Unflatten:
            return self._unflatten(module)
        if isinstance(module, nn.ReLU) and kind is nn.ReLU:
            return self._follow(relu=True)
        if isinstance(module, nn.Dropout) and kind is nn.Dropout:
            usual = isinstance(module.p, int | float) and module.p < 1
            return usual and self.has_weights and self._follow(dropout=module.p)
        if isinstance(module, nn.Linear) and kind is nn.Linear:
            return self._linear(name, module)
        if isinstance(module, nn.Conv1d | nn.Conv2d) and kind in CONVOLUTIONS:
            return self._convolution(name, module)
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) and kind in NORMS:
            return self._norm(name, module)
        if isinstance(module, nn.LayerNorm) and kind is nn.LayerNorm:
            return self._row_norm(name, module)
        if isinstance(module, nn.MaxPool1d | nn.MaxPool2d | nn.AvgPool1d | nn.AvgPool2d):
            return kind in POOLS and self._pool(module)
        if isinstance(module, nn.AdaptiveAvgPool1d | nn.AdaptiveAvgPool2d):
            return kind in TO_ONE and self._mean(module)
        return False

    # ---- modules -------------------------------------------------------------------------------

    def _flatten(self, module: nn.Flatten) -> bool:
        if (module.start_dim, module.end_dim) != (1, -1) or self.n_dimensions < 0:
            return False
        if not self.by_channel:
            self._reorder(Kind.TO_CHANNELS)
        self.n_dimensions, self.shape = 0, (1, 1, math.prod(self.shape))
        return True

    def _unflatten(self, module: nn.Unflatten) -> bool:
        sizes = tuple(module.unflattened_size)
        known = module.dim == 1 and all(type(size) is int and size > 0 for size in sizes)
        if not known or self.n_dimensions or len(sizes) not in (2, 3):
            return False
        if math.prod(sizes) != self.shape[2]:
            return False
        self.n_dimensions, self.shape, self.by_channel = len(sizes) - 1, _shape(sizes), True
        return True

    def _follow(self, relu: bool = False, dropout: float = 0.0) -> bool:
        """Notes what comes after the last layer, where nothing but a ReLU came before it."""
        if not self.layers or self.layers[-1].dropout:
            return False
        last = self.layers[-1]
        self.layers[-1] = replace(last, relu=relu or last.relu, dropout=dropout)
        return True

    def _linear(self, name: str, module: nn.Linear) -> bool:
        if self.n_dimensions or module.in_features != self.shape[2] or not has_its_shapes(module):
            return False
        self._add(
            ImageLayer(
                Kind.CONVOLUTION,
                self.shape,
                (1, 1, module.out_features),
                name,
                weight=True,
                bias=module.bias is not None,
            )
        )
        return True

    def _convolution(self, name: str, module: nn.Conv1d | nn.Conv2d) -> bool:
        n_dimensions = CONVOLUTIONS[type(module)]
        plain = module.groups == 1 and set(module.dilation) == {1}
        padding = (0,) * n_dimensions if module.padding == "valid" else module.padding
        if not plain or module.padding_mode != "zeros" or isinstance(padding, str):
            return False
        if n_dimensions != self.n_dimensions or module.in_channels != self.shape[2]:
            return False
        wanted = (module.out_channels, module.in_channels, *module.kernel_size)
        bias = module.bias
        if module.weight.shape != wanted or (bias is not None and bias.shape != wanted[:1]):
            return False
        self._to_pixels()
        kernel, stride = (
            _pair(size, n_dimensions, 1) for size in (module.kernel_size, module.stride)
        )
        return self._window(
            ImageLayer(
                Kind.CONVOLUTION,
                self.shape,
                (0, 0, module.out_channels),
                name,
                kernel,
                stride,
                _pair(padding, n_dimensions, 0),
                weight=True,
                bias=bias is not None,
            )
        )

    def _norm(self, name: str, module: nn.BatchNorm1d | nn.BatchNorm2d) -> bool:
        suits = self.n_dimensions in NORMS[type(module)] and module.track_running_stats
        if not suits or module.num_features != self.shape[2]:
            return False
        if self.n_dimensions:
            self._to_pixels()
        of_runs = (module.running_mean, module.running_var)
        found = [t for t in (module.weight, module.bias, *of_runs) if t is not None]
        wanted = 4 if module.affine else 2
        if len(found) != wanted or any(t.shape != (module.num_features,) for t in found):
            return False
        if module.num_batches_tracked is None or (module.momentum or 0) < 0:
            return False
        self._add(
            ImageLayer(
                Kind.NORM,
                self.shape,
                self.shape,
                name,
                weight=module.affine,
                bias=module.affine,
                momentum=module.momentum,
                eps=module.eps,
            )
        )
        return True

    def _row_norm(self, name: str, module: nn.LayerNorm) -> bool:
        wanted = (self.shape[2],)
        if self.n_dimensions or tuple(module.normalized_shape) != wanted:
            return False
        weight, bias = module.weight, module.bias
        if any(tensor is not None and tensor.shape != wanted for tensor in (weight, bias)):
            return False
        self._add(
            ImageLayer(
                Kind.ROW_NORM,
                self.shape,
                self.shape,
                name,
                weight=weight is not None,
                bias=bias is not None,
                eps=module.eps,
            )
        )
        return True

    def _pool(self, module: nn.MaxPool1d | nn.MaxPool2d | nn.AvgPool1d | nn.AvgPool2d) -> bool:
        n_dimensions, kind = POOLS[type(module)]
        sizes = (module.kernel_size, module.stride)
        unusual = (
            not all(isinstance(size, int) or len(size) == n_dimensions for size in sizes)
            or module.ceil_mode
            or not _all(module.padding, 0)
            or not _all(getattr(module, "dilation", 1), 1)
            or getattr(module, "return_indices", False)
            or getattr(module, "divisor_override", None) is not None
        )
        if unusual or n_dimensions != self.n_dimensions:
            return False
        self._to_pixels()
        kernel, stride = (
            _pair(size, n_dimensions, 1) for size in (module.kernel_size, module.stride)
        )
        return self._window(ImageLayer(kind, self.shape, self.shape, "", kernel, stride))

    def _mean(self, module: nn.AdaptiveAvgPool1d | nn.AdaptiveAvgPool2d) -> bool:
        if TO_ONE[type(module)] != self.n_dimensions or not _all(module.output_size, 1):
            return False
        self._to_pixels()
        whole = self.shape[:2]
        return self._window(ImageLayer(Kind.AVERAGE_POOL, self.shape, self.shape, "", whole, whole))

    # ---- layers --------------------------------------------------------------------------------

    def _window(self, layer: ImageLayer) -> bool:
        """Adds a layer whose kernel goes over the image, if it fits into it."""
        if min(*layer.kernel, *layer.stride) < 1 or min(layer.padding) < 0:
            return False
        sizes = [
            (size + 2 * padding - kernel) // stride + 1
            for size, kernel, stride, padding in zip(
                self.shape[:2], layer.kernel, layer.stride, layer.padding, strict=True
            )
        ]
        if min(sizes) < 1:
            return False
        self._add(replace(layer, outputs=(sizes[0], sizes[1], layer.outputs[2])))
        return True

    def _to_pixels(self) -> None:
        if self.by_channel:
            self._reorder(Kind.TO_PIXELS)

    def _reorder(self, kind: Kind) -> None:
        height, width, channels = self.shape
        if channels > 1 and height * width > 1:
            self.layers.append(ImageLayer(kind, self.shape, self.shape))
        self.by_channel = kind is Kind.TO_CHANNELS

    def _add(self, layer: ImageLayer) -> None:
        self.layers.append(layer)
        self.shape = layer.outputs


def _shape(row: Sequence[int]) -> Shape:
    """Of rows (C,), (C, W) or (C, H, W)."""
    channels, *image = row
    height, width = [1, 1, *image][-2:]
    return height, width, channels


def _pair(size: int | Sequence[int], n_dimensions: int, first: int) -> Pair:
    """Of height and width, where a sequence has ``first`` for its height."""
    sizes = (size,) * n_dimensions if isinstance(size, int) else tuple(size)
    if len(sizes) == 1:
        sizes *= n_dimensions
    return (first, sizes[0]) if n_dimensions == 1 else (sizes[0], sizes[1])


def _all(sizes: int | Sequence[int | None] | None, wanted: int) -> bool:
    """Whether every size is the wanted one."""
    if sizes is None or isinstance(sizes, int):
        return sizes == wanted
    return all(size == wanted for size in sizes)

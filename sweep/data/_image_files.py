"""One file of an image as an array: Pillow reads it, and brings it to a size.

Numbers are those that torchvision's ``ToTensor`` gives: float32 from 0 to 1, channels first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sweep.errors import DataError
from sweep.runtime.user_code import last_line

GRAYSCALE, RGB = "grayscale", "rgb"
"""The two ways to read a file, by the value of ``data.color_mode``."""
_OF_MODE = {
    **dict.fromkeys(("1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N"), GRAYSCALE),
    **dict.fromkeys(("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"), RGB),
}
"""How a file of each of Pillow's modes is read; others have numbers without a largest one."""
_SIXTEEN_BITS = 2**16 - 1


def pillow() -> Any:
    """The module ``PIL.Image``; DataError where Pillow is missing."""
    try:
        import PIL.Image
        import PIL.ImageOps
    except ImportError as error:
        raise DataError(
            "data.name: images are read by Pillow, found no such package; pip install pillow"
        ) from error
    return PIL


def header(path: Path) -> tuple[str, tuple[int, int]]:
    """How a file is read (grayscale or rgb), and its height and width; DataError where it is
    broken.
    """
    with _opened(path) as image:
        return _kind(image, path), (image.height, image.width)


def read_image(path: Path, size: tuple[int, int], color_mode: str) -> np.ndarray:
    """The image (channels, height, width): its largest centred part of that shape, resized."""
    with _opened(path) as image:
        kind = _kind(image, path)
        try:
            if image.mode.startswith("I;16") and kind == GRAYSCALE:
                return _sixteen_bits(image, size, color_mode)
            plain = image.convert("L" if color_mode == GRAYSCALE else "RGB")
            fitted = _fitted(plain, size)
        except Exception as error:  # Pillow has many kinds for what is broken
            raise _broken(path, error) from error
    values = np.asarray(fitted, np.float32) / np.float32(255)
    return values[None] if values.ndim == 2 else np.ascontiguousarray(values.transpose(2, 0, 1))


def _sixteen_bits(image: Any, size: tuple[int, int], color_mode: str) -> np.ndarray:
    """Pillow cuts such numbers off at 255 where it converts them, so they are scaled before."""
    values = np.asarray(image).astype(np.float32) / np.float32(_SIXTEEN_BITS)
    fitted = np.asarray(_fitted(pillow().Image.fromarray(values), size), np.float32)
    alone = np.clip(fitted, 0, 1)[None]
    return alone if color_mode == GRAYSCALE else np.repeat(alone, 3, axis=0)


def _fitted(image: Any, size: tuple[int, int]) -> Any:
    height, width = size
    found = pillow()
    return found.ImageOps.fit(image, (width, height), found.Image.Resampling.BILINEAR)


def _opened(path: Path) -> Any:
    try:
        return pillow().Image.open(path)
    except Exception as error:  # Pillow has many kinds for what is broken
        raise _broken(path, error) from error


def _kind(image: Any, path: Path) -> str:
    kind = _OF_MODE.get(image.mode)
    if kind is None:
        raise DataError(
            f"data.path: images must have 8 or 16 bits a channel, found mode {image.mode} in "
            f"{path}; convert it"
        )
    return kind


def _broken(path: Path, error: Exception) -> DataError:
    return DataError(
        f"data.path: every image must be readable, found {path}: {last_line(error)}; replace or "
        "remove it"
    )

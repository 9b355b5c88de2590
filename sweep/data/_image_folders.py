"""Images in one folder for each class, as torchvision's ``ImageFolder`` has them.

The folders ``train``, ``validation`` and ``test``, where there are some, say what images are for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sweep.data._image_files import GRAYSCALE, header, pillow, read_image
from sweep.data.row_cache import RowCache, key_of, state_of
from sweep.data.rows import RawRows
from sweep.errors import DataError
from sweep.records.division import PART_WORDS, TRAINING
from sweep.study.data_settings import DataSettings

ENDINGS = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""Those of torchvision, in small letters; other files are left alone."""
PART_LIKE = frozenset({*PART_WORDS, "testing", "dev", "eval"})
"""What parts are called by custom, in small letters."""
BLOCK_BYTES = 2**24
"""Images of so many bytes are put into files at once."""


@dataclass(frozen=True)
class ImageFile:
    """An image, its class, and its part where folders say so."""

    path: Path
    label: str
    part: str | None = None


def read_images(settings: DataSettings, folder: Path, cache: RowCache) -> RawRows:
    """The images of a folder (N, channels, height, width), in the order of their names.

    Raises DataError where a class is empty, a file is broken, or they differ in kind or size.
    """
    pillow()
    root = folder / str(settings.path)
    files = images_in(root)
    reading = _Reading(files, *_form(files, settings))
    n_bytes = 4 * len(files) * reading.n_values
    if cache.takes(n_bytes):
        key = key_of(
            "images", str(root.resolve()), reading.size, reading.color_mode, _states(files)
        )
        arrays, _ = cache.kept(key, reading.blocks, {}, len(files))
        x = arrays["x"]
    else:
        x = np.concatenate([block["x"] for block in reading.blocks()])
    parts = [file.part for file in files]
    beside = {} if parts[0] is None else {"split": np.array(parts)}
    return RawRows(x, np.array([file.label for file in files]), beside)


def images_in(root: Path) -> list[ImageFile]:
    """All images of all classes; DataError where the folders are not as they should be."""
    folders = _folders(root)
    _refuse_some_parts(root, folders)
    if not folders or not all(one.name in PART_WORDS for one in folders):
        return _of_classes(root, None)
    files = [file for one in folders for file in _of_classes(one, one.name)]
    trained = {file.label for file in files if PART_WORDS[str(file.part)] == TRAINING}
    if strange := sorted({file.label for file in files} - trained):
        raise DataError(
            f"data.path: every class must be among the training images of {root}, found none of "
            f"{strange[0]!r}; add a folder with images to train on"
        )
    return files


def _refuse_some_parts(root: Path, folders: Sequence[Path]) -> None:
    """DataError where some folders only look like parts: their names would become classes."""
    alike = [one for one in folders if one.name.lower() in PART_LIKE]
    flat = [one for one in alike if _image_names(one)]
    are_parts = len(alike) == len(folders) and all(one.name in PART_WORDS for one in folders)
    if flat and len(alike) == len(folders):
        raise DataError(
            f"data.path: images must be in one folder for each class, found {flat[0]} with images "
            "and no classes; put them into folders named like their classes"
        )
    strange = [one for one in alike if one not in flat]  # "train" may be a class with images in it
    if strange and not are_parts:
        names = ", ".join(one.name for one in folders[:5]) + ", ..." * (len(folders) > 5)
        raise DataError(
            f"data.path: the folders in {root} must all be parts (train, val and test), or all be "
            f"classes, found {strange[0].name!r} among {names}; rename or move them"
        )


def _of_classes(root: Path, part: str | None) -> list[ImageFile]:
    folders = _folders(root)
    if not folders or _image_names(root):
        beside = _image_names(root)
        seen = f"the image {beside[0]} beside them" if folders else "no folder"
        raise DataError(
            f"data.path: {root} must have one folder for each class, found {seen}; move images "
            "into folders named like their classes"
        )
    files = []
    for one in folders:
        inside = [ImageFile(path, one.name, part) for path in _images_below(one)]
        if not inside:
            raise DataError(
                f"data.path: every class must have images, found none in {one}; remove the folder, "
                f"or add files that end with {', '.join(ENDINGS)}"
            )
        files += inside
    return files


def _folders(root: Path) -> list[Path]:
    """The folders in it in the order of their names; hidden ones are no classes."""
    return sorted(one for one in root.iterdir() if one.is_dir() and not one.name.startswith("."))


def _is_image(name: str) -> bool:
    return name.lower().endswith(ENDINGS) and not name.startswith(".")


def _image_names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if _is_image(one.name) and one.is_file())


def _images_below(folder: Path) -> Iterator[Path]:
    """All images in it and in its folders; DataError where one is there twice, or cannot be read.

    Rows that are there twice, as by a link into the folder that it is in, would be on both sides
    of a split.
    """
    seen = set()
    for place, inner, names in os.walk(folder, followlinks=True, onerror=_unreadable):
        state = os.stat(place)
        if (state.st_dev, state.st_ino) in seen:
            raise DataError(
                f"data.path: every folder must be there once, found {place} again by a link; "
                "remove the link"
            )
        seen.add((state.st_dev, state.st_ino))
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        paths = [Path(place, name) for name in sorted(names) if _is_image(name)]
        if missing := [path for path in paths if not path.is_file()]:
            raise DataError(
                f"data.path: every image must be a file, found {missing[0]}, which is none, or a "
                "link to none; remove it"
            )
        yield from paths


def _unreadable(error: OSError) -> None:
    raise DataError(
        f"data.path: every folder must be readable, found {error.filename}: {error.strerror}; "
        "change its rights, or remove it"
    ) from error


def _form(files: Sequence[ImageFile], settings: DataSettings) -> tuple[tuple[int, int], str]:
    """The size and the color mode of all images: as the study says, or as all files have them."""
    size, color_mode = settings.size, settings.color_mode
    if size is not None and color_mode != "auto":
        return size, color_mode
    first_kind, first_size = header(files[0].path)
    for file in files:
        kind, own_size = header(file.path)
        if color_mode == "auto" and kind != first_kind:
            raise DataError(
                f"data.color_mode: all images must be of one kind, found {kind} in {file.path} "
                f"after {first_kind} in {files[0].path}; set color_mode to grayscale or rgb"
            )
        if size is None and own_size != first_size:
            raise DataError(
                f"data.size: all images must have one size, found {own_size} in {file.path} after "
                f"{first_size} in {files[0].path}; set size = [height, width]"
            )
    return size or first_size, first_kind if color_mode == "auto" else color_mode


def _states(files: Sequence[ImageFile]) -> list[tuple[object, ...]]:
    """What changes where a file does: its name, class, and state."""
    return [(str(file.path), file.label, *state_of(file.path)) for file in files]


@dataclass(frozen=True)
class _Reading:
    """The images of one form, read some at a time."""

    files: Sequence[ImageFile]
    size: tuple[int, int]
    color_mode: str

    @property
    def n_values(self) -> int:
        """How many numbers an image has."""
        return (1 if self.color_mode == GRAYSCALE else 3) * self.size[0] * self.size[1]

    def blocks(self) -> Iterator[dict[str, np.ndarray]]:
        """All images, some at a time."""
        n = max(1, BLOCK_BYTES // (4 * self.n_values))
        for start in range(0, len(self.files), n):
            images = [
                read_image(file.path, self.size, self.color_mode)
                for file in self.files[start : start + n]
            ]
            yield {"x": np.stack(images)}

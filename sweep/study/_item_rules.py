"""The rules of images in folders, and of items that are padded or collated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sweep.records.division import COLUMN_KEYS
from sweep.study._messages import Fault
from sweep.study._rule_view import View, fault
from sweep.study.catalogue import data_set
from sweep.study.validators import found

OF_IMAGES = ("size", "color_mode")
OF_PADDING = ("mask", "lengths")


def _images_are_in_a_folder(view: View) -> Iterator[Fault]:
    name, path = view("data.name"), view("data.path")
    known = data_set(name)
    if known is None or not known.folder:
        for key in OF_IMAGES:
            if f"data.{key}" in view.given:
                yield fault(
                    f"data.{key}",
                    f"only images take it, found {found(view(f'data.{key}'))} with data.name = "
                    f"{found(name)}; remove it or change the name",
                )
        return
    if path is None:
        yield fault("data.path", f"{name} needs a folder, found nothing; add path = ...")
    elif not _is_folder(view.folder / path):
        yield fault(
            "data.path",
            f"the folder must exist, found no {found(path)} in {view.folder}; paths are relative "
            "to the study",
        )
    if view("data.time") is not None:
        yield fault(
            "data.time", "images have no order in time, found it given; remove it, or give arrays"
        )


def _items_are_made_alike_in_one_way(view: View) -> Iterator[Fault]:
    name, pad, collate = (view(f"data.{key}") for key in ("name", "pad", "collate"))
    given = [key for key in ("pad", "collate", *OF_PADDING) if view(f"data.{key}") is not None]
    if given and data_set(name) is not None:
        yield fault(
            f"data.{given[0]}",
            "only a Dataset, or what a function returns, has items to be made alike, found "
            f"data.name = {found(name)}; remove it",
        )
    elif given and view("data.design") == "fresh":
        yield fault(
            f"data.{given[0]}",
            "items of every draw must have one length under fresh, as they are not padded to that "
            'of others; pad them in the function, or set design = "resample"',
        )
    if pad is not None and collate is not None:
        yield fault("data.pad", "collate pads items itself, found both; leave one out")
    for key in OF_PADDING:
        if view(f"data.{key}") is not None and pad is None:
            yield fault(
                f"data.{key}",
                f"it goes with pad, found {found(view(f'data.{key}'))} without; set pad = 0, or "
                "remove it",
            )
    if view("data.mask") is not None and view("data.mask") == view("data.lengths"):
        yield fault(
            "data.lengths",
            f"a name of its own must be given, found {found(view('data.mask'))} for mask too; name "
            "another",
        )


def _names_of_inputs_are_their_own(view: View) -> Iterator[Fault]:
    """A further input that is called like weights would be taken for them."""
    columns = [view(f"data.{key}") for key in (*COLUMN_KEYS, "target")]
    taken = {*COLUMN_KEYS, *columns, "x", "y"}
    for key in OF_PADDING:
        if view(f"data.{key}") in taken - {None}:
            yield fault(
                f"data.{key}",
                f"a name of its own must be given, found {found(view(f'data.{key}'))}, which "
                "stands for something else that rows have; name another",
            )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name too long, or with a NUL in it
        return False


ITEM_RULES: tuple[Callable[[View], Iterator[Fault]], ...] = (
    _images_are_in_a_folder,
    _items_are_made_alike_in_one_way,
    _names_of_inputs_are_their_own,
)

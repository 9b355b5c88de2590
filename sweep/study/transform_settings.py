"""The entries of ``training.augment``: a name, ``"name:amount"``, a table, or the user's function.

What is built in becomes one ``Transform`` in every spelling.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, model_serializer
from pydantic_core import PydanticCustomError

from sweep.runtime.user_code import label_of
from sweep.study.axes import TomlTable
from sweep.study.transforms import TRANSFORMS, BuiltinTransform, RowKind
from sweep.study.validators import REFERENCE, broken, choose, found

Padding = Literal["zeros", "reflect", "circular"]
PADDINGS: tuple[str, ...] = get_args(Padding)
EXAMPLE = 'write for example "flip", "crop:2" or { name = "crop", pixels = 2 }'


class Transform(TomlTable):
    """One entry of ``training.augment``: a transform of rows and its amount."""

    name: str
    amount: float
    padding: Padding = "zeros"
    axis: int | None = None
    """Which axis of a row is time, counted from 0; None where only one can be."""

    @property
    def known(self) -> BuiltinTransform:
        """What is known of it."""
        return TRANSFORMS[self.name]

    @model_serializer
    def _table(self) -> dict[str, Any]:
        """The table that is read as this transform."""
        whole = self.known.bounds.whole
        table: dict[str, Any] = {"name": self.name}
        table[self.known.key] = int(self.amount) if whole else self.amount
        if self.padding != "zeros":
            table["padding"] = self.padding
        if self.axis is not None:
            table["axis"] = self.axis
        return table


def _read(entry: object) -> object:
    """A ``Transform``, or the reference of a user's function; raises where it is neither."""
    if callable(entry) or isinstance(entry, Transform):
        return entry
    if isinstance(entry, Mapping):
        return _of_table(entry)
    if not isinstance(entry, str):
        raise broken(
            f"a name, a table or a function must be given, found {found(entry)}; {EXAMPLE}"
        )
    name, colon, amount = entry.partition(":")
    if name not in TRANSFORMS:
        if REFERENCE.fullmatch(entry) and not _is_number(amount):
            return entry
        raise _unknown(name)
    if not colon:
        return Transform(name=name, amount=TRANSFORMS[name].usual)
    if not _is_number(amount):
        raise broken(
            f"a number must follow the colon, found {found(entry)}; write for example "
            f'"{name}:{TRANSFORMS[name].usual:g}"'
        )
    return _made(name, float(amount))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii()


def _unknown(name: object) -> PydanticCustomError:
    return broken(
        f'one of {", ".join(TRANSFORMS)}, "file.py:function" or "package.module:function" must be '
        f"given, found {found(name)}; {choose(str(name), TRANSFORMS)}"
    )


def _of_table(table: Mapping[Any, Any]) -> Transform:
    name = table.get("name")
    if name is None:
        raise broken(f"a table must have a name, found {found(dict(table))}; {EXAMPLE}")
    if not isinstance(name, str) or name not in TRANSFORMS:
        raise _unknown(name)
    known = TRANSFORMS[name]
    keys = ["name", known.key]
    keys += ["padding"] if known.has_padding else []
    keys += ["axis"] if known.rows is RowKind.SERIES else []
    for key in table:
        if key not in keys:
            raise broken(
                f"the keys of {name} are {', '.join(keys)}, found {found(key)}; "
                f"{choose(str(key), keys)}"
            )
    padding, axis = table.get("padding", "zeros"), table.get("axis")
    if padding not in PADDINGS:
        raise broken(
            f"padding must be one of {', '.join(PADDINGS)}, found {found(padding)}; "
            f"{choose(str(padding), PADDINGS)}"
        )
    if axis is not None and (type(axis) is not int or axis not in (0, 1)):
        raise broken(f"axis must be 0 or 1, found {found(axis)}; count a row's axes from 0")
    return _made(name, table.get(known.key, known.usual), padding, axis)


def _made(
    name: str, amount: object, padding: Padding = "zeros", axis: int | None = None
) -> Transform:
    known = TRANSFORMS[name]
    if rule := known.bounds.broken_rule(known.key, amount):
        raise broken(f"{rule} for {name}, found {found(amount)}; change it")
    assert isinstance(amount, int | float)
    return Transform(name=name, amount=float(amount), padding=padding, axis=axis)


def check_given_once(entries: tuple[Any, ...]) -> tuple[Any, ...]:
    """Entries of different names, by which their axes are called."""
    names = [transform_name(entry) for entry in entries]
    for i, name in enumerate(names):
        if name in names[:i]:
            raise broken(f"every transform must be given once, found {name} twice; remove one")
    return entries


def transform_name(entry: Transform | str | Callable[..., Any]) -> str:
    """The name of a transform; a function is called by its own."""
    return entry.name if isinstance(entry, Transform) else label_of(entry)


def builtin_transforms(entries: Iterable[Any]) -> dict[str, Transform]:
    """The entries that are built in, by name."""
    return {entry.name: entry for entry in entries if isinstance(entry, Transform)}


TransformSource = Annotated[Transform | str | Callable[..., Any], BeforeValidator(_read)]

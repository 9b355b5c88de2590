"""The words of a command, in which names in braces stand for what a run has of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter

from sweep.study.validators import broken, found


def check_words(source: object) -> object:
    """A command that is no single text, which only a shell could take apart."""
    if not isinstance(source, str):
        return source
    words = source.split()
    raise broken(
        f"a list of words must be given, found {found(source)}; write command = "
        f"{json.dumps(words, ensure_ascii=False)}"
    )


def check_command(words: tuple[str, ...]) -> tuple[str, ...]:
    """A command whose braces can be read."""
    for word in words:
        if "\0" in word:
            raise broken(f"text without NUL must be given, found {found(word)}; remove it")
        try:
            plain = all(name and not rest for _, name, rest in _parts(word) if name is not None)
        except ValueError:  # a brace that is alone
            plain = False
        if not plain:
            raise broken(
                f"a name alone must stand in braces, found {found(word)}; write for example "
                "{strength}, and {{ }} for braces themselves"
            )
    return words


def placeholders(words: Sequence[str]) -> tuple[str, ...]:
    """The names in the braces of a command, each once."""
    names = (name for word in words for _, name, _ in _parts(word))
    return tuple(dict.fromkeys(name for name in names if name is not None))


def filled(words: Sequence[str], values: Mapping[str, object]) -> list[str]:
    """The command with these values in the place of their names."""
    return [
        "".join(text + ("" if name is None else str(values[name])) for text, name, _ in _parts(w))
        for w in words
    ]


def _parts(word: str) -> Iterator[tuple[str, str | None, str]]:
    """Text, the name behind it (None at the end), and what stands in the braces beside the name."""
    for text, name, spec, conversion in Formatter().parse(word):
        yield text, name, f"{spec or ''}{conversion or ''}"

"""What a page must not show of a study's text: passwords in URLs, values of password-like keys.

Every step of the search goes on from where the last one ended, so that its time grows with the
length of a text and not with its square.
"""

from __future__ import annotations

import re

MASK = "***"
STEMS = ("password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "credential")
"""A key that has one of these in its name, whatever is between the letters, holds a secret."""
WORDS = frozenset({"auth", "authorization", "pass"})
"""So does one of whose words this is one."""

_KEY = re.compile(r"""(?<![\w.-])(["']?)([\w.-]+)\1[ \t]*[=:]\s*""")
_SCHEME = re.compile(r"(?<!\w)\w+://")
_RUN = re.compile(r"""[^\s"'<>]*""")
_PLAIN = re.compile(r"[^\s,}\]&;]*")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"?')
_LITERAL = re.compile(r"'[^'\n]*'?")
_PIECE = re.compile(r"""[\[\]{}]|["']|[^\[\]{}"']+""")
CLOSING = {"[": "]", "{": "}"}


def mask_secrets(text: str) -> str:
    """The text with passwords in URLs and values of password-like keys replaced by ``***``.

    A value is what TOML, JSON or a query string takes for one: a text in one or three quotes, a
    list or table in its brackets, or what goes up to the next blank, comma or bracket.
    """
    return _mask_urls(_mask_values(text))


def _mask_values(text: str) -> str:
    parts, done = [], 0
    for key in _KEY.finditer(text):
        if key.start() < done or not _holds_secret(key[2]):
            continue
        end = _end_of_value(text, key.end())
        if end > key.end() and not text.startswith("//", key.end()):  # a scheme is no key
            parts += [text[done : key.end()], f'"{MASK}"']
            done = end
    return "".join([*parts, text[done:]])


def _holds_secret(key: str) -> bool:
    words = re.split(r"[\W_]+", key.lower())
    return not WORDS.isdisjoint(words) or any(stem in "".join(words) for stem in STEMS)


def _end_of_value(text: str, start: int) -> int:
    if text.startswith(('"""', "'''"), start):
        end = text.find(text[start : start + 3], start + 3)
        return len(text) if end < 0 else end + 3
    if text[start : start + 1] in CLOSING:
        return _end_of_brackets(text, start)
    pattern = {'"': _BASIC, "'": _LITERAL}.get(text[start : start + 1], _PLAIN)
    match = pattern.match(text, start)
    return match.end() if match else start


def _end_of_brackets(text: str, start: int) -> int:
    """Behind the bracket that closes the one at ``start``; the end of the text without one."""
    depth, place = 0, start
    while place < len(text):
        if text[place] in "\"'":
            place = _end_of_value(text, place)
            continue
        piece = _PIECE.match(text, place)
        assert piece, "every character is in one of the pieces"
        place = piece.end()
        depth += (piece[0] in CLOSING) - (piece[0] in CLOSING.values())
        if depth == 0:
            return place
    return len(text)


def _mask_urls(text: str) -> str:
    """A password stands between a URL's first colon and its last ``@``, slashes included."""
    schemes = list(_SCHEME.finditer(text))
    parts, done = [], 0
    for i, scheme in enumerate(schemes):
        limit = schemes[i + 1].start() if i + 1 < len(schemes) else len(text)
        run = _RUN.match(text, scheme.end(), limit)
        user, colon, rest = (run[0] if run else "").partition(":")
        _, at, host = rest.rpartition("@")
        if run and colon and at and not set("/@") & set(user):
            parts += [text[done : scheme.end()], f"{user}:{MASK}@{host}"]
            done = run.end()
    return "".join([*parts, text[done:]])

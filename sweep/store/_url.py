"""How the URL of a database is read, and how it is shown without what is secret in it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from sweep.errors import StoreError


@dataclass(frozen=True)
class Address:
    """Where a database is: its URL, the URL as it is shown, and its file (None on a server)."""

    url: URL
    masked_url: str
    path: Path | None

    @classmethod
    def of(cls, url: URL) -> Self:
        """The address behind a URL; a file's is absolute, since a model may change the folder."""
        if url.get_backend_name() != "sqlite":
            return cls(url, mask(url), None)
        path = Path(str(url.database)).absolute()
        return cls(url.set(database=str(path)), mask(url), path)


def parse_url(text: str) -> URL:
    """The URL, or a StoreError that says what to write instead, without any secret in it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        hint = "a path alone is not one; write sqlite:///path/to/sweep.db"
        if text.strip().startswith("postgres"):
            hint = "write postgresql://user@host:5432/name"
        raise StoreError(
            f"--database: a database URL must be given, found {_shorten(text)!r}; {hint}"
        ) from error
    if url.drivername == "postgres":
        raise StoreError(
            "--database: postgres:// is not understood; write postgresql:// and the rest as it is"
        )
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(
            f"--database: sqlite:///FILE or postgresql://... must be given, found "
            f"{url.drivername}://; use one of the two"
        )
    if url.get_backend_name() == "postgresql" and "@" in f"{url.host}{url.database}":
        raise StoreError(
            "--database: one @ must stand before the host, found more; write an @ in a user name "
            "or password as %40"
        )
    return url if url.get_backend_name() == "postgresql" else _plain_file(url)


def _plain_file(url: URL) -> URL:
    """The URL of a SQLite file, whose driver and options are ours to choose."""
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise StoreError(
            f"--database: sqlite:///FILE must be given, found {url.drivername}://; leave out the "
            "driver"
        )
    if url.host or url.database in (None, "", ":memory:"):
        where = "a host, so two slashes" if url.host else "a database in memory"
        raise StoreError(
            f"--database: a study is kept in a file, found {where}; write "
            "sqlite:///path/to/sweep.db"
        )
    try:
        for suffix in ("", "-journal"):  # which SQLite puts beside it
            with suppress(FileNotFoundError, NotADirectoryError):  # reported where it is used
                os.stat(f"{url.database}{suffix}")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreError(
            f"--database: a path that the system takes must be given, found one that it does not "
            f"({reason}); correct it"
        ) from error
    if url.query:
        raise StoreError(
            f"--database: sqlite:///FILE must be given without options, found "
            f"{', '.join(sorted(url.query))}; leave out the ? and what follows"
        )
    return url


def _shorten(text: str) -> str:
    """A string that may hold a secret, cut before anything that could be one."""
    return re.split(r"[@?:=\s]", text)[0][:60] + ("..." if re.search(r"[@=]", text) else "")


def mask(url: URL) -> str:
    """The URL without its password and without the values of its query string."""
    query = {key: "***" for key in url.query}
    return url.set(query=query).render_as_string(hide_password=True).replace("%2A", "*")

"""The folder of a report shown on this machine: its own files, to this machine's browser alone.

Whoever is led here by another name than the machine's own (DNS rebinding) is refused by the Host
header. Names are looked up in the folder itself and are never made into paths, so nothing outside
can be reached: no parent, no link, no hidden file.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sweep.errors import StudyError

ADDRESS = "127.0.0.1"
PORTS = range(65536)
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
"""What is shown, by the end of its name."""
IDLE_SECONDS = 30.0
"""After which a connection that sends nothing is given up."""


class Server(ThreadingHTTPServer):
    """Shows the files of one folder."""

    daemon_threads = True
    request_queue_size = 128
    """Connections that may wait: a browser opens several, and the usual 5 are refused at once."""

    def __init__(self, folder: Path, port: int):
        super().__init__((ADDRESS, port), Handler)
        self.folder = folder

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{ADDRESS}:{self.server_port}/"

    def close(self) -> None:
        """Gives up its port."""
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Prints what went wrong, but not that a browser went away."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def file(self, name: str) -> Path | None:
        """The file of that name in the folder itself; None where it is not there to be shown."""
        for path in self.folder.iterdir():
            if path.name == name and path.suffix in KINDS and not name.startswith("."):
                return path if path.is_file() and not path.is_symlink() else None
        return None


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD."""

    server: Server
    server_version = "regsweep"
    sys_version = ""
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        """Sends a file."""
        body = self._head()
        if body is not None:
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        """Sends what comes before a file."""
        self._head()

    def _head(self) -> bytes | None:
        """The content of the file that is asked for, once its headers are sent; None after a
        refusal.
        """
        ports = {f"{name}:{self.server.server_port}" for name in (ADDRESS, "localhost")}
        if self.headers.get("Host", "").lower() not in ports:
            self.send_error(HTTPStatus.FORBIDDEN, "Open it by its own address")
            return None
        try:
            name = unquote(urlsplit(self.path).path).removeprefix("/") or "index.html"
            path = self.server.file(name)
            body = None if path is None else path.read_bytes()
        except (OSError, ValueError):  # the latter of what is no address
            path = body = None
        if path is None or body is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", KINDS[path.suffix])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return body

    def end_headers(self) -> None:
        """Adds what every answer has."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing: a page that loads itself anew would fill the screen."""


def make_server(folder: str | Path, port: int) -> Server:
    """A server of a folder, which ``serve_forever`` starts; port 0 takes a free one.

    StudyError, in one line, for a folder that is not there and for a port that is taken.
    """
    home = Path(folder)
    if not home.is_dir():
        raise StudyError(
            f"--out: the folder of a report must be given, found no folder {home}; write one first:"
            " python -m dashboards"
        )
    if port not in PORTS:
        raise StudyError(
            f"--port: a number from 0 to {PORTS[-1]} must be given, found {port}; choose another"
        )
    try:
        return Server(home, port)
    except OSError as error:
        raise StudyError(
            f"--port: a free port must be given, found {port} ({error.strerror or error}); choose "
            "another, or 0 for any"
        ) from error

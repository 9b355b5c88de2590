"""The folder of a report over HTTP: its files, to a browser of this machine, and nothing else."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.__main__ import main
from dashboards.pages.server import Server, make_server
from tests.support.databases import HANG_SECONDS

SECRET = "not for the world"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A folder with a page, beside what nobody may see."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "reports"
    (folder / "inside").mkdir(parents=True)
    for path in ("secret.html", "reports/inside/secret.html", "reports/.secret.html",
                 "reports/secret.db", "reports/secret"):  # fmt: skip
        (home / path).write_text(SECRET)
    (folder / "linked.html").symlink_to(home / "secret.html")
    (folder / "index.html").write_text("<h1>index</h1>")
    (folder / "é b.html").write_text("<h1>page</h1>")
    made = make_server(folder, 0)
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.close()


def ask(
    server: Server, path: str, method: str = "GET", host: str | None = None
) -> tuple[int, str, dict[str, str]]:
    """Status, body and headers of an answer; the path is sent as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=HANG_SECONDS)
    connection.putrequest(method, path, skip_host=True)
    if host != "":
        connection.putheader("Host", host or f"127.0.0.1:{server.server_port}")
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, answer.read().decode(), dict(answer.getheaders())
    connection.close()
    return found


@pytest.mark.parametrize("path", ["/", "/index.html", "/index.html?x=1"])
def test_the_index_is_shown(server: Server, path: str) -> None:
    status, body, headers = ask(server, path)
    assert (status, body) == (200, "<h1>index</h1>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_names_are_decoded_and_head_has_no_body(server: Server) -> None:
    assert ask(server, "/%C3%A9%20b.html")[:2] == (200, "<h1>page</h1>")
    status, body, headers = ask(server, "/index.html", "HEAD")
    assert (status, body, headers["Content-Length"]) == (200, "", "14")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html", "/..%2fsecret.html", "/%2e%2e/secret.html", "/inside/secret.html",
        "/inside%2fsecret.html", "/inside", "/linked.html", "/.secret.html", "/%2esecret.html",
        "/secret.db", "/secret", "/index.html%00", "/%ff", "/.", "/..", "/C:\\secret.html",
        "/none.html", "//127.0.0.1/index.html", "http://elsewhere/../secret.html",
    ],
)  # fmt: skip
def test_nothing_else_is_shown(server: Server, path: str) -> None:
    status, body, _ = ask(server, path)
    assert status == 404
    assert SECRET not in body


@pytest.mark.parametrize("host", ["", "evil.example", "evil.example:{port}", "127.0.0.1",
                                  "127.0.0.1.evil.example:{port}", "localhost:1"])  # fmt: skip
def test_another_host_is_refused(server: Server, host: str) -> None:
    status, body, _ = ask(server, "/", host=host.format(port=server.server_port))
    assert status == 403
    assert "<h1>index" not in body


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"])
def test_other_methods_are_refused(server: Server, method: str) -> None:
    assert ask(server, "/index.html", method)[0] == 501


def test_a_missing_folder_and_a_taken_port_are_one_line(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = str(server.server_port)
    here = ["--out", str(tmp_path)]
    for arguments, rule in (
        (["--out", str(tmp_path / "none")], "--out: the folder of a report must be given"),
        ([*here, "--port", taken], f"--port: a free port must be given, found {taken}"),
        ([*here, "--port", "65536"], "--port: a number from 0 to 65535"),
    ):
        assert main(["--serve", *arguments]) == 2
        error = capsys.readouterr().err
        assert error.startswith(rule)
        assert len(error.splitlines()) == 1


def test_what_is_no_address_is_not_found(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    assert ask(server, "http://[::1/index.html")[0] == 404
    assert capfd.readouterr().err == ""


def test_a_browser_that_goes_away_is_not_worth_a_word(
    server: Server, capfd: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ConnectionResetError
    except ConnectionResetError:
        server.handle_error(None, ("127.0.0.1", 1))
    assert capfd.readouterr().err == ""


def test_many_connections_may_wait(tmp_path: Path) -> None:
    waiting = make_server(tmp_path, 0)
    opened = [
        socket.create_connection(("127.0.0.1", waiting.server_port), HANG_SECONDS)
        for _ in range(50)
    ]
    for one in opened:
        one.close()
    waiting.close()

"""``python -m dashboards [NAME ...]``: writes the report of a database's studies, or shows it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import NoReturn

from sweep.cli.console import echo, echo_error, reporting_output_errors
from sweep.errors import SweepError

PORT = 8000


class Parser(argparse.ArgumentParser):
    """Tells a mistake in one line, like the other commands."""

    def error(self, message: str) -> NoReturn:
        echo_error(f"command line: {message}; add --help to see what it takes")
        self.exit(2)


def parser() -> Parser:
    """What the command takes."""
    made = Parser(
        prog="python -m dashboards",
        description="Write the HTML report of studies in a database, or show it with --serve.",
        allow_abbrev=False,
    )
    made.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="studies; all when none is named, and compared with each other when several are",
    )
    made.add_argument(
        "--database", metavar="URL", help="default: SWEEP_DATABASE or sqlite:///sweep.db"
    )
    made.add_argument("--out", default="reports", metavar="DIR", help="default: reports")
    made.add_argument("--force", action="store_true", help="write pages of unchanged studies again")
    made.add_argument(
        "--serve", action="store_true", help="show the folder on 127.0.0.1 and write nothing"
    )
    made.add_argument("--port", type=int, metavar="N", help=f"of --serve; default: {PORT}")
    made.add_argument(
        "--progress", metavar="JSON", help="where the launch of the named study stands"
    )
    made.add_argument(
        "--stopped", action="store_true", help="its launch ends once the page is written"
    )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the report and prints its path; 2 and one line on stderr for a person's mistake."""
    try:
        with reporting_output_errors():
            options = parse(arguments)
        if options.serve:
            serve(options)
        else:
            write(options)
    except SweepError as error:
        echo_error(str(error))
        return 2
    except KeyboardInterrupt:
        echo_error("interrupted")
        return 130
    return 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options, if they belong together: what is shown is not written."""
    made = parser()
    options = made.parse_args(arguments)
    given = {
        "NAME": options.names,
        "--database": options.database is not None,
        "--force": options.force,
        "--progress": options.progress is not None,
        "--stopped": options.stopped,
    }
    unused = [name for name, value in given.items() if value]
    if options.serve and unused:
        made.error(f"--serve shows a folder as it is, found {', '.join(unused)} beside it")
    if not options.serve and options.port is not None:
        made.error("--port is of --serve, found it alone")
    return options


def write(options: argparse.Namespace) -> None:
    """Writes the pages and prints the path of the index."""
    import sweep
    from dashboards.pages.live import read_launch
    from dashboards.pages.report import build_report

    launch = read_launch(options.progress) if options.progress is not None else None
    with closing(sweep.open_store(options.database)) as store:
        names = options.names or None
        given = {"force": options.force, "launch": launch, "stopped": options.stopped}
        echo(str(build_report(store, names, options.out, **given)))


def serve(options: argparse.Namespace) -> None:
    """Shows the pages until it is interrupted."""
    from dashboards.pages.server import make_server

    with closing(
        make_server(options.out, PORT if options.port is None else options.port)
    ) as server:
        echo(f"{server.address} shows {options.out}; Ctrl-C ends it")
        server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())

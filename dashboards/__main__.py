"""``python -m dashboards [NAME ...]``: writes the report of a database's studies."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import NoReturn

from sweep.cli.console import echo, echo_error, reporting_output_errors
from sweep.errors import SweepError


class Parser(argparse.ArgumentParser):
    """Tells a mistake in one line, like the other commands."""

    def error(self, message: str) -> NoReturn:
        echo_error(f"command line: {message}; add --help to see what it takes")
        self.exit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the report and prints its path; 2 and one line on stderr for a person's mistake."""
    parser = Parser(
        prog="python -m dashboards", description="Write the HTML report of studies in a database."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="studies; all when none is named")
    parser.add_argument(
        "--database", metavar="URL", help="default: SWEEP_DATABASE or sqlite:///sweep.db"
    )
    parser.add_argument("--out", default="reports", metavar="DIR", help="default: reports")
    try:
        with reporting_output_errors():
            options = parser.parse_args(arguments)

        import sweep
        from dashboards import build_report

        with closing(sweep.open_store(options.database)) as store:
            echo(str(build_report(store, options.names or None, options.out)))
    except SweepError as error:
        echo_error(str(error))
        return 2
    except KeyboardInterrupt:
        echo_error("interrupted")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

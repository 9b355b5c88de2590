"""``python -m tests.torture URL --kills 200 --starts 60``: prints a line of JSON."""

from __future__ import annotations

import argparse
import json
import os
import tempfile

from tests.torture.kills import kill_often
from tests.torture.starts import start_together

NUMBERS = ("kills", "stored", "lost", "torn", "duplicated")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url", help="of an empty database")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--starts", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    found: dict[str, object] = {}
    if arguments.starts:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["TORTURE_FOLDER"] = folder
            found["starts"] = start_together(arguments.url, arguments.starts)
    if arguments.kills:
        tally = kill_often(arguments.url, arguments.kills, arguments.seed)
        found |= {name: getattr(tally, name) for name in NUMBERS}
        found["acknowledged"] = len(tally.acknowledged)
    print(json.dumps(found))


if __name__ == "__main__":
    main()

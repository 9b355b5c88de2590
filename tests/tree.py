"""The README's tree of files, printed from the docstrings of the wings.

``python -m tests.tree`` writes it into README.md (``make docs``); a test compares the two. A wing's
line is the docstring of its ``__init__.py``; below are the names of its modules, those that only
the wing itself imports in parentheses.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SECTION = re.compile(r"(?<=\n## Files\n\n```\n).*?(?=```\n)", re.DOTALL)
WIDTH, INDENT = 100, 17
"""Columns of the tree, and where its texts begin."""
WINGS = {
    "sweep": "cli estimators imports phases launchers inspection training toolkit networks data "
    "search study checks store regularizers metrics statistics runtime records",
    "dashboards": "gather figures sections pages",
}
"""In the order of the page: whoever imports stands above, in dashboards below."""
FILES = "Makefile pyproject.toml constraints.txt README.md CHANGELOG.md CONTRIBUTING.md LICENSE"
FOLDERS = {
    "studies/": "TOML files, one question each, and README.md: every key",
    "sweep/": "the engine: each folder imports only folders below it",
    "dashboards/": "the report generator: each folder imports only folders above it",
    "tests/": "claims against oracles, in the folders of sweep/; report/ for dashboards/, system/ "
    "for whole processes; bench/ and calibration/ measure, gpu/ does both on a GPU",
}


def render_tree() -> str:
    """The tree as the README prints it."""
    lines = [FILES]
    for folder, meaning in FOLDERS.items():
        lines += _line(folder, meaning)
        for wing in WINGS.get(folder.rstrip("/"), "").split():
            home = ROOT / folder / wing
            lines += _line(f"  {wing}/", summary_of(home / "__init__.py"))
            lines += _line("", modules_of(home))
    return "\n".join(lines) + "\n"


def summary_of(path: Path) -> str:
    """The first sentence of a module's docstring, without its full stop."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n\n")[0].replace("\n", " ").removesuffix(".")


def modules_of(wing: Path) -> str:
    """The names of a wing's modules and folders, the private ones in parentheses."""
    inside = [path for path in wing.iterdir() if path.suffix == ".py" or path.is_dir()]
    names = sorted(path.stem for path in inside if not path.stem.startswith("__"))
    public = [name for name in names if not name.startswith("_")]
    private = [name.removeprefix("_") for name in names if name.startswith("_")]
    return " ".join([*public, *([f"({' '.join(private)})"] if private else [])])


def _line(name: str, text: str) -> Iterator[str]:
    parts = textwrap.wrap(text, WIDTH - INDENT)
    yield from (f"{name if not i else '':<{INDENT}}{part}" for i, part in enumerate(parts))


def main() -> None:
    """Writes the tree into the README."""
    text = README.read_text(encoding="utf-8")
    README.write_text(SECTION.sub(lambda _: render_tree(), text), encoding="utf-8")
    sys.stdout.write(f"{README}\n")


if __name__ == "__main__":
    main()

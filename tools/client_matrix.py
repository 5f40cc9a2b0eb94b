"""Make the tables in docs/clients.md and README.md out of a run of tests/clients/test_matrix.py.

    python -m pytest tests/clients/test_matrix.py -m clients -n 2 --junitxml=RESULTS.xml
    python tools/client_matrix.py RESULTS.xml

The results are kept in tests/clients/matrix.json, with the versions of the clients.  Without an argument the tables are
made out of what is kept there.  With `--check` nothing is written: exit code 1 if a page has another table.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "tests" / "clients" / "matrix.json"
PAGE = ROOT / "docs" / "clients.md"
BRIEF = ROOT / "README.md"
BEGIN, END = "<!-- matrix: made by tools/client_matrix.py -->", "<!-- end of matrix -->"
PRODUCTS = {"gitlab": "GitLab", "gitea": "Gitea", "pypi": "public index"}
TASKS = ("upload", "install")
NOT_ITS_BUSINESS = "-"
# What a reader must know of a cell stands below the table, under the client's name.
SPECIAL = {
    ("build", "install"),
    ("flit", "upload"),
    ("hatch", "upload"),
    ("nox", "install"),
    ("pdm", "upload"),
    ("pip", "install"),
    ("pipx", "install"),
    ("poetry", "install"),
    ("poetry", "upload"),
    ("tox", "install"),
    ("twine", "upload"),
    ("uv", "upload"),
}


def results(path: Path) -> dict[str, Any]:
    """Read what a run has shown.

    Raises:
        SystemExit: the run has not shown every cell once.
    """
    found: dict[str, Any] = {}
    for one in ET.parse(path).iter("property"):  # noqa: S314 - our own run wrote it.
        if one.get("name") == "matrix":
            client, version, task, product, verdict = one.get("value", "").split()
            cells = found.setdefault(client, {"version": version}).setdefault(task, {})
            cells[product] = verdict
    short = [
        client for client, kept in found.items() for task in TASKS if len(kept.get(task, PRODUCTS)) < len(PRODUCTS)
    ]
    if short or not found:
        sys.exit(f"client_matrix: {path} lacks cells of {', '.join(short) or 'every client'}; run the whole module")
    return dict(sorted(found.items()))


def table(kept: dict[str, Any]) -> str:
    """Return the table as Markdown."""
    heads = [f"{task} {name}" for task in TASKS for name in PRODUCTS.values()]
    lines = ["| client | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for client, cells in kept.items():
        row = [_cell(client, task, cells.get(task, {}).get(product)) for task in TASKS for product in PRODUCTS]
        lines.append(f"| {client} {cells['version']} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def brief(kept: dict[str, Any]) -> str:
    """Return a table with a column for each product, and in it what was seen to work."""
    lines = ["| client | " + " | ".join(PRODUCTS.values()) + " |", "|---" * (len(PRODUCTS) + 1) + "|"]
    for client, cells in kept.items():
        row = [
            ", ".join(_brief(task, cells[task][product]) for task in TASKS if product in cells.get(task, {}))
            for product in PRODUCTS
        ]
        lines.append(f"| [{client}](docs/clients.md#{client}) {cells['version']} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def _brief(task: str, verdict: str) -> str:
    return task if verdict == "yes" else f"{task}: {verdict}"


def _cell(client: str, task: str, verdict: str | None) -> str:
    if verdict is None:
        return NOT_ITS_BUSINESS
    noted = (client, task) in SPECIAL or verdict != "yes"
    return f"{verdict} [↓](#{client})" if noted else verdict


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="?", type=Path, help="what pytest wrote for --junitxml")
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the page is as it should be")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page, docs/clients.md")
    parser.add_argument("--brief", type=Path, default=BRIEF, help="the page with the short table, README.md")
    given = parser.parse_args(argv)
    if given.results is not None:
        kept = results(given.results)
        if not given.check:
            KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    else:
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
    other = [
        path.name
        for path, shown in ((given.page, table(kept)), (given.brief, brief(kept)))
        if not _put(path, shown, write=not given.check)
    ]
    if given.check:
        print(f"{', '.join(other)} has another table" if other else "the pages are as they should be", file=sys.stderr)
    return int(given.check and bool(other))


def _put(path: Path, shown: str, *, write: bool) -> bool:
    """Put a table where a page has one; return whether it was there."""
    page = path.read_text(encoding="utf-8")
    head, _, rest = page.partition(BEGIN)
    _, _, foot = rest.partition(END)
    made = f"{head}{BEGIN}\n{shown}\n{END}{foot}"
    if write:
        path.write_text(made, encoding="utf-8")
    return made == page


if __name__ == "__main__":
    sys.exit(main())

"""Make docs/command.md out of the command's help.

    python tools/command_page.py

With `--check` nothing is written: exit code 1 if the page is another.  What stands above the mark is written by hand.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pytest_pyreg.cli import command

PAGE = Path(__file__).parents[1] / "docs" / "command.md"
MARK = "<!-- from here on: made by tools/command_page.py -->\n"
COLUMNS = 96


def pages() -> str:
    """Return the help of the command and of each task, as Markdown."""
    os.environ["COLUMNS"] = str(COLUMNS)
    parser = command.parser()
    each = [parser, *parser.tasks.values()]
    return "\n".join(f"## {one.prog}\n\n```text\n{one.format_help()}```\n" for one in each)


def main(argv: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the page is as it should be")
    given = parser.parse_args(argv)
    old = PAGE.read_text(encoding="utf-8")
    new = f"{old.partition(MARK)[0]}{MARK}\n{pages()}"
    if not given.check:
        PAGE.write_text(new, encoding="utf-8")
    elif new != old:
        print("docs/command.md is not what the command's help says; python tools/command_page.py", file=sys.stderr)
    return int(given.check and new != old)


if __name__ == "__main__":
    sys.exit(main())

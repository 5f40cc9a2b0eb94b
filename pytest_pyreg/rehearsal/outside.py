"""Commands that run as the caller, in the caller's own environment, and what they say when they fail, in a sentence."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.clients import running
from pytest_pyreg.identity import Secrets
from pytest_pyreg.rehearsal.complaints import complaint
from pytest_pyreg.rehearsal.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TEMPORARY = ("TMPDIR", "TEMP", "TMP")
_LOGIN = re.compile(r"(://)[^/\s@]+@")
_NOWHERE = re.compile(
    r"No matching distribution found for .*|.*(?:Connection refused|Failed to establish a new connection|"
    r"Name or service not known|Temporary failure in name resolution|Could not fetch URL).*"
)
"""What pip says if the index has it not, or cannot be reached."""
_LABEL = re.compile(r"^[\s<>|]*(?:ERROR:?\s+)?")
_INDEX = (
    "does your own pip reach an index that has it (PIP_INDEX_URL)? for a build, --no-isolation does without if all "
    "that it requires is installed beside pyreg"
)
_TIP = re.compile(r"^\W*(?:TIP|hint|note|notice)\b.*\n?", re.MULTILINE | re.IGNORECASE)
"""What build and pip advise: their own options, which are not ours."""


class NotRehearsable(Exception):
    """There is nothing to rehearse, or it cannot be built; the message is for the caller."""


def run_outside(command: Sequence[str], timeout: float, trouble: str, hint: str = "") -> str:
    """Run a command as the caller, in the caller's own environment, away from the project; return what it printed.

    Raises:
        NotRehearsable: it failed; the message begins with the trouble and has what was printed.
    """
    with outside() as folder:
        # Its own folder for temporary files: what is interrupted leaves nothing behind.
        cwd, temporary = folder / "here", folder / "tmp"
        cwd.mkdir()  # A folder `build` or `pip` where the caller stands is neither.
        temporary.mkdir()
        env = {
            **os.environ,
            "NO_COLOR": "1",
            "COLUMNS": "200",
            **dict.fromkeys(_TEMPORARY, str(temporary)),
        }
        try:
            result = running.run(command, env, cwd=cwd, timeout=timeout, secrets=Secrets(frozenset()))
        except TimeoutError as error:
            shown = visible(hidden(str(error)))
            raise NotRehearsable(
                f"{trouble}: it was not done after {timeout:g} seconds and was ended; --timeout gives it more\n{shown}"
            ) from None
    printed = hidden(result.stdout + result.stderr)
    if result.returncode:
        raise NotRehearsable(told(printed, result.returncode, trouble, hint))
    return printed


def told(printed: str, code: int, trouble: str, hint: str = "") -> str:
    """Return what went wrong: first in a sentence, then all that was printed, indented.

    Args:
        printed: by the command.
        code: its exit code.
        trouble: what it was to do, and did not.
        hint: what else to know.
    """
    kept = _TIP.sub("", printed).strip()
    nowhere = [line for line in kept.splitlines() if _NOWHERE.search(line)]
    said = _LABEL.sub("", nowhere[-1] if nowhere else complaint(kept))
    lead = f": {said}" if said else ""
    more = f"\n{_INDEX if nowhere else hint}" if nowhere or hint else ""
    indented = "\n".join(f"  {line}".rstrip() for line in kept.splitlines())
    return visible(f"{trouble} (exit code {code}){lead}{more}" + (f"\nit printed:\n{indented}" if kept else ""))


@contextlib.contextmanager
def outside() -> Iterator[Path]:
    """Give a folder that holds nothing."""
    import tempfile

    # An interrupted child may still write there while it is emptied.
    with tempfile.TemporaryDirectory(prefix="pyreg-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def hidden(text: str) -> str:
    """Leave logins in URLs out of a text: the caller's index may have one."""
    return _LOGIN.sub(r"\1[redacted]@", text)


def read_toml(text: str) -> dict[str, object]:
    """Read TOML with what this Python has for it.

    Raises:
        ValueError: it is none.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    return tomllib.loads(text)

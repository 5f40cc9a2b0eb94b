"""How distributions are named: names, versions, tags and build numbers in file names (PEP 427, PEP 625)."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from packaging.utils import canonicalize_name, canonicalize_version
from packaging.version import InvalidVersion, Version

if TYPE_CHECKING:
    from collections.abc import Iterable

PURE = "py3-none-any"

_NAME = re.compile(r"[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9]", re.IGNORECASE | re.ASCII)
_TAG = re.compile(r"(\w+(?:\.\w+)*)-(\w+(?:\.\w+)*)-(\w+(?:\.\w+)*)", re.ASCII)
_BUILD = re.compile(r"[0-9][A-Za-z0-9_.]*")


class Stem(NamedTuple):
    """Name and version as file names have them."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name}-{self.version}"


def stem(project: str, version: str) -> Stem:
    """Return name and version as file names have them.

    Raises:
        ValueError: a project or a version cannot be called that.
    """
    try:
        canonical = canonicalize_version(Version(version), strip_trailing_zero=False)
    except (InvalidVersion, TypeError) as error:
        message = f"{version!r} is not a version (PEP 440); try something like '1.0' or '1.0rc1'"
        raise ValueError(message) from error
    if matched(_NAME, project) is None:
        raise ValueError(f"{project!r} is not a project's name (PEP 508); use letters, digits and single - _ or .")
    return Stem(module(project), canonical)


def matched(pattern: re.Pattern[str], value: object) -> re.Match[str] | None:
    """Hold a value that may be of any type against a pattern."""
    return pattern.fullmatch(value) if isinstance(value, str) else None


def module(project: str) -> str:
    """Return the importable name that goes with a project's."""
    return canonicalize_name(project).replace("-", "_")


def compressed(tag: str | Iterable[str]) -> str:
    """Return one tag, or several as the compressed set that a file name has.

    Raises:
        ValueError: a tag is none, or there is no set of just these.
    """
    try:
        given = [tag] if isinstance(tag, str) else list(tag)
    except TypeError:
        raise ValueError(f"{tag!r} is not a tag, nor a list of them; try something like {PURE!r}") from None
    parts = [_parts(one) for one in given]
    if not parts:
        raise ValueError(f"a wheel has at least one tag, such as {PURE!r}")
    if len(parts) == 1:
        return given[0]
    merged = tuple(tuple(dict.fromkeys(itertools.chain(*(one[at] for one in parts)))) for at in range(3))
    single = {each for one in parts for each in itertools.product(*one)}
    missing = [each for each in itertools.product(*merged) if each not in single]
    if missing:
        raise ValueError(
            f"no file name says just {', '.join(given)}: a compressed tag set would also say {'-'.join(missing[0])}; "
            "make a wheel for each"
        )
    return "-".join(".".join(part) for part in merged)


def expanded(tag: str) -> list[str]:
    """Return the single tags of a compressed set, such as `py2.py3-none-any`.

    Raises:
        ValueError: it is none.
    """
    return ["-".join(each) for each in itertools.product(*_parts(tag))]


def build_number(build: str) -> str:
    """Return a build tag as a file name has it: with a dash before it, or nothing if there is none.

    Raises:
        ValueError: it is none.
    """
    if build and matched(_BUILD, build) is None:
        raise ValueError(f"{build!r} is no build tag; it begins with a digit, such as '1' or '2local'")
    return f"-{build}" if build else ""


def _parts(tag: str) -> tuple[list[str], list[str], list[str]]:
    match = matched(_TAG, tag)
    if match is None:
        raise ValueError(f"{tag!r} is not a tag; it has three parts, such as 'py3-none-any'")
    python, abi, platform = match.groups()
    return python.split("."), abi.split("."), platform.split(".")

"""What clients are told to do: arguments that can be none are refused before any client starts, in words that help.

Owns no argument's meaning; a credential is checked where credentials are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.dists import Dist
from pytest_pyreg.dists.taking import taken

if TYPE_CHECKING:
    from collections.abc import Iterable


def words_of(argv: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return a command's words as texts.

    Raises:
        TypeError: they are not given one by one.
        ValueError: there are none.
    """
    words = list(argv)
    if not words or words[0] == "":
        raise ValueError("there is nothing to run; give a command's words one by one: run('twine', '--version')")
    for word in words:
        if not isinstance(word, (str, os.PathLike)):
            star = "; put a star before a list: run(*words)" if isinstance(word, (list, tuple)) else ""
            raise TypeError(
                "give the words one by one, each a text or a path: run('twine', '--version'), "
                f"not {_a_kind(word)}{star}"
            )
    return [os.fspath(word) for word in words]


def variables(env: object) -> dict[str, str | None]:
    """Return variables to add; values may be secrets, and are not shown.

    Raises:
        TypeError: a name or a value is no text.
    """
    if env is None:
        return {}
    if not isinstance(env, Mapping):
        raise TypeError(f"env is a dict of variables, such as {{'CI': 'true'}}, not {_a_kind(env)}")
    for name, value in env.items():
        if not isinstance(name, str):
            raise TypeError(f"the name of a variable in env is a text, not {name!r}")
        if value is not None and not isinstance(value, str):
            raise TypeError(
                f"the variable {name} in env is a text, or None to take it away, not {_a_kind(value)}; "
                f"try {{{name!r}: str(...)}}"
            )
    return dict(env)


def project_folder(project: object) -> Path:
    """Return a project's folder.

    Raises:
        NotADirectoryError: there is none.
        TypeError: it is no path.
    """
    if not isinstance(project, (str, os.PathLike)):
        raise TypeError(f"a project is its folder, a path with a pyproject.toml in it, not {_a_kind(project)}")
    folder = Path(project).absolute()
    if not folder.is_dir() or not os.fspath(project):
        told = folder if os.fspath(project) else "''"
        raise NotADirectoryError(f"there is no folder {told}; give the folder of a project, with its pyproject.toml")
    return folder


def present(item: object) -> Dist | Path:
    """Return a distribution that is to be uploaded: one in memory, or a file that is there.

    Raises:
        FileNotFoundError: the file is not there.
        TypeError: it is neither.
        ValueError: it is an empty text.
    """
    found = taken(item)
    if isinstance(found, Path) and not found.exists():
        hint = "; no shell fills in the *, try *Path('dist').glob('*')" if "*" in found.name else ""
        raise FileNotFoundError(f"there is no file {found} to upload{hint}")
    return found


def wishes(requirements: Iterable[str | os.PathLike[str]]) -> tuple[str | os.PathLike[str], ...]:
    """Return requirements that can be some.

    Raises:
        TypeError: one is no text and no path.
    """
    given = tuple(requirements)
    for one in given:
        if isinstance(one, Dist):
            raise TypeError(
                f"install takes what is written on pip's command line, not the distribution {one.name}; "
                f"upload or add it first, then give its name: install({one.project!r})"
            )
        if not isinstance(one, (str, os.PathLike)):
            star = "; put a star before a list" if isinstance(one, (list, tuple)) else ""
            raise TypeError(f"a requirement is a text, such as 'demo>=1.0', or a path, not {_a_kind(one)}{star}")
    return given


def _a_kind(value: object) -> str:
    return "None" if value is None else f"something of the type {type(value).__name__}"

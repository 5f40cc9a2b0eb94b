"""Finding a client: beside us, on the PATH, or where the user says it is."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_pyreg.clients.environment import search_path
from pytest_pyreg.clients.kits import KITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.clients.kit import Kit, Task


@dataclass(frozen=True)
class Client:
    """A client that is here, and what it is asked for."""

    name: str
    kit: Kit
    task: Task
    start: tuple[str, ...]
    """How its commands begin."""


def find(client: str, task: str, caller: Mapping[str, str] = os.environ) -> Client:
    """Find a client.

    It is taken from the path that `client` is, else from the variable `PYREG_` and its name, such as `PYREG_POETRY`,
    else from the environment that we are installed in, else from the PATH.

    Args:
        client: its name, or the path of its program.
        task: `upload`, `publish`, `install` or `build`.
        caller: the caller's environment.

    Raises:
        TypeError: it is no text.
        ValueError: there is none of that name for that task, or it is not installed.
    """
    if not isinstance(client, str):
        raise TypeError(f"client is a name, such as 'uv', or the path of one, a text, not {client!r}")
    name, path = _named(client, caller)
    able = {name: kit for name, kit in KITS.items() if kit.able(task)}
    if name not in able:
        more = f"; {_INSTEAD[task].format(name)}" if name in KITS and task in _INSTEAD else ""
        raise ValueError(f"{client!r} is no client that can {task} here; try one of {', '.join(sorted(able))}{more}")
    kit = able[name]
    return Client(name, kit, getattr(kit, task), _start(name, kit, path, caller))


_INSTEAD = {"upload": "or publish(project, client={!r}), if it builds what it uploads"}


def _named(client: str, caller: Mapping[str, str]) -> tuple[str, str]:
    """Return a client's name, and the path of its program if the user gave one."""
    if os.sep not in client:
        return client, caller.get(f"PYREG_{client.upper()}", "")
    program = Path(client).stem.lower()
    return next((name for name, kit in KITS.items() if kit.program == program), program), client


def _start(name: str, kit: Kit, path: str, caller: Mapping[str, str]) -> tuple[str, ...]:
    if path:
        if not os.access(path, os.X_OK) or not Path(path).is_file():
            raise ValueError(f"there is no program {path} to run as {name}; give the path of the {name} to use")
        return (str(Path(path).absolute()),)
    if kit.module and _importable(kit.module):
        return ("python", "-m", kit.module)
    program = shutil.which(kit.program or name, path=search_path(caller))
    if program is None:
        raise ValueError(
            f"{name} is not installed beside pytest-pyreg; install it into the same environment, put it on the PATH, "
            f"or say where it is: client='/path/to/{name}', or PYREG_{name.upper()}=/path/to/{name} in the environment"
        )
    return (program,)


def _importable(module: str) -> bool:
    """Tell whether a module can be run; a mere folder of that name, such as a project's `build`, cannot."""
    found = importlib.util.find_spec(module)
    return found is not None and found.origin is not None

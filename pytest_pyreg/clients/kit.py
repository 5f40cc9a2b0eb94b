"""The words for what one real client needs: the settings that point it at the registry, and the commands that use it.

One module in `clients/kits/` says that of one client; `clients/jobs.py` does it.
"""

from __future__ import annotations

import json
import platform
import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from pytest_pyreg.identity import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_pyreg.identity import Credential

SOURCE = "pyreg"
"""What the registry is called where a client's configuration wants a name for it."""
CLIENT = "{client}"
"""In a command: the client, however it is started here."""
FILES = "{files}"
"""In a command: the distributions, one argument each."""
REQUIREMENTS = "{requirements}"
"""In a command: the requirements, one argument each."""


@dataclass(frozen=True)
class Target:
    """Where a client is to go, and as whom."""

    upload_url: str
    index_url: str
    credential: Credential
    home: Path
    patience: int = 15
    """Seconds without a word after which a client gives up."""
    ca: str = ""
    """The path of the one authority that a client is to trust; empty over plain HTTP."""
    retries: bool = False
    """Whether clients ask again by themselves when something fails that may pass."""
    asks: bool = False
    """Whether the client is told the user's name alone, and is to ask keyring for the rest."""

    @property
    def username(self) -> str | None:
        """As whom; None if as nobody."""
        return None if self.credential == ANONYMOUS else self.credential.username

    @property
    def password(self) -> str | None:
        """What the client is to show; None if there is nothing, or if it is to find that itself."""
        return None if self.credential == ANONYMOUS or self.asks else self.credential.secret

    def login(self, username: str, password: str) -> dict[str, str]:
        """Return the credential as two variables of these names; what there is not is left out."""
        pair = {username: self.username, password: self.password}
        return {name: value for name, value in pair.items() if value is not None}

    @property
    def index_url_with_credential(self) -> str:
        """The index URL as pip wants it: the credential inside."""
        if self.username is None:
            return self.index_url
        login = quote(self.username, safe="")
        if self.password is not None:
            login += f":{quote(self.password, safe='')}"
        parts = urlsplit(self.index_url)
        return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc}"))


@dataclass(frozen=True)
class Job:
    """What is to be done this once."""

    folder: Path
    """Where the commands run: the user's project, or a scratch project made for this job."""
    index_url: str
    """Without a credential: it is written into scratch projects."""
    python: str = sys.executable
    """The interpreter that is to be installed into, or to run."""
    version: Callable[[], str] = platform.python_version
    """Tells the version of the same."""
    site: str = ""
    """The environment that the interpreter is of."""
    files: tuple[Path, ...] = ()
    requirements: tuple[str, ...] = ()
    out: Path | None = None
    """Where built distributions go."""

    @property
    def name(self) -> str:
        """What the scratch project is called: as the files' project, which some clients look for by its name."""
        return self.files[0].name.split("-")[0] if self.files else "pyreg-scratch"

    @property
    def python_release(self) -> str:
        """Which Python it is for, such as `3.12`."""
        return ".".join(self.version().split(".")[:2])

    def gathered(self) -> Job:
        """Return the job with its files in a folder inside its own, and nothing else there."""
        out = self.folder / "files"
        out.mkdir()
        return replace(self, out=out, files=tuple(Path(shutil.copy2(path, out)) for path in self.files))

    def words(self, text: str) -> str:
        """Fill in a word of a command, or a variable's value."""
        return text.format(python=self.python, site=self.site, folder=self.folder, out=self.out, source=SOURCE)


def _no_files(job: Job) -> Mapping[str, str]:
    del job
    return {}


@dataclass(frozen=True)
class Task:
    """How a client does one thing: commands, run one after the other in one folder."""

    commands: tuple[tuple[str, ...], ...]
    scratch: Callable[[Job], Mapping[str, str]] = _no_files
    """The files of the scratch project that the client wants around it: path -> text."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables besides those that every client gets."""
    leaves: str = ""
    """Where the client leaves the environment that it has made; empty if it fills the one that it is given."""
    gathers: bool = False
    """Whether it takes the folder that the files are in, with all that is there."""
    alone: bool = False
    """Whether it takes one requirement, or the files of one release, at a time."""


@dataclass(frozen=True)
class Kit:
    """One client."""

    settings: Callable[[Target], Mapping[str, str]]
    """Environment variables."""
    module: str = ""
    """What `python -m` starts it by; none if it is a program only."""
    program: str = ""
    """What its program is called; as itself if left out."""
    upload: Task | None = None
    """Sends files that are there."""
    publish: Task | None = None
    """Builds a project's distributions and sends them, in the project's folder."""
    install: Task | None = None
    """Installs requirements."""
    build: Task | None = None
    """Builds a project's distributions, with the build requirements from the registry."""

    def able(self, task: str) -> bool:
        """Tell whether the client does that: `upload`, `publish`, `install` or `build`."""
        return getattr(self, task) is not None


def toml_list(items: tuple[str, ...]) -> str:
    """Return strings as TOML, and as Python, writes a list of them."""
    return json.dumps(items, ensure_ascii=False)

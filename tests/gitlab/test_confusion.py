"""Dependency confusion: a private project has `app` and `lib` 1.0, and somebody planted `lib` 2.0 on the public index.

A is a GitLab project, B the public index beside it.  Which `lib` is installed, from where, and who was asked for what,
as measured with pip 26.3 and uv 0.13 between two plain servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS, GitLab, make_wheel
from pytest_pyreg.clients.finding import find
from pytest_pyreg.clients.jobs import commands
from pytest_pyreg.clients.kit import Job, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytest_pyreg import Log

    Installs = Callable[..., "dict[str, str]"]

PIP, UV = "pip", "uv"
A, B = "{a}", "{b}"
APP, OURS, THEIRS = "app-1.0-py3-none-any.whl", "lib-1.0-py3-none-any.whl", "lib-2.0-py3-none-any.whl"
UNAUTHORIZED = 401
# Neither client is told an index by its environment.
NO_INDEX = {"PIP_INDEX_URL": None, "UV_DEFAULT_INDEX": None}


@pytest.fixture(name="gitlab")
def _gitlab() -> Iterator[GitLab]:
    """A with both, B with the planted one."""
    with GitLab("gitlab@19") as gitlab:
        gitlab.add(make_wheel("app", "1.0", requires=["lib"]), make_wheel("lib", "1.0"))
        gitlab.upstream.add(make_wheel("lib", "2.0"))
        yield gitlab


@pytest.fixture(name="installs")
def _installs(gitlab: GitLab, tmp_path: Path) -> Installs:
    """Install into an empty environment and return what is there then, nothing if the client fails."""
    target = Target(gitlab.upload_url, gitlab.index_url, gitlab.reader, tmp_path)
    addresses = {"a": target.index_url_with_credential, "b": gitlab.upstream.index_url}

    def installed(client: str, *arguments: str) -> dict[str, str]:
        site = gitlab._workplace.site(gitlab.env(ANONYMOUS))
        (command,) = commands(find(client, "install"), Job(tmp_path, gitlab.index_url, python=str(site.python)))
        options = ["--no-cache-dir" if client == PIP else "--no-cache"]
        options += [argument.format(**addresses) for argument in arguments]
        gitlab.run(*command, *options, credential=ANONYMOUS, cwd=tmp_path, check=False, env=NO_INDEX)
        return site.distributions()

    return installed


def taken(log: Log) -> set[str]:
    """Return the files that came from a registry, whole or in part; early uv shows who it is only when it is asked."""
    came = [exchange for exchange in log.downloads() if exchange.status != UNAUTHORIZED]
    assert not any(exchange.refused for exchange in came)
    return {exchange.filename for exchange in came}


def asked(log: Log) -> dict[str, int]:
    """Return the pages that were asked of a registry -> how it answered last; not who had to say first who they are."""
    pages = [exchange for exchange in log if "/simple/" in exchange.path and exchange.status != UNAUTHORIZED]
    return {exchange.path.rstrip("/").rpartition("/")[2]: exchange.status for exchange in pages}


@pytest.mark.parametrize(
    ("client", "options", "version", "of_a", "of_b"),
    [
        # Extra indexes are as good as the first one for pip; the names of private projects go to all of them.
        pytest.param(
            *(PIP, ("--index-url", A, "--extra-index-url", B), "2.0"),
            *({"app": 200, "lib": 200}, {"app": 404, "lib": 200}),
            id="pip-extra",
        ),
        pytest.param(
            *(PIP, ("--index-url", B, "--extra-index-url", A), "2.0"),
            *({"app": 200, "lib": 200}, {"app": 404, "lib": 200}),
            id="pip-extra-reversed",
        ),
        # For uv extra indexes come first, and the first that has a project is the only one.
        pytest.param(
            *(UV, ("--index-url", A, "--extra-index-url", B), "2.0"),
            *({"app": 200}, {"app": 404, "lib": 200}),
            id="uv-extra",
        ),
        pytest.param(
            *(UV, ("--default-index", A, "--index", B), "2.0"),
            *({"app": 200}, {"app": 404, "lib": 200}),
            id="uv-index",
        ),
        pytest.param(
            *(UV, ("--index-url", B, "--extra-index-url", A), "1.0"),
            *({"app": 200, "lib": 200}, {}),
            id="uv-safe-order",
        ),
        pytest.param(
            *(UV, ("--default-index", B, "--index", A), "1.0"),
            *({"app": 200, "lib": 200}, {}),
            id="uv-safe-index",
        ),
        *(
            pytest.param(
                *(UV, ("--index-url", A, "--extra-index-url", B, "--index-strategy", strategy), "2.0"),
                *({"app": 200, "lib": 200}, {"app": 404, "lib": 200}),
                id=f"uv-{strategy}",
            )
            for strategy in ("unsafe-best-match", "unsafe-first-match")
        ),
        # The only index that is never wrong: what it has is not looked for elsewhere.
        pytest.param(PIP, ("--index-url", A), "1.0", {"app": 200, "lib": 200}, {}, id="pip-alone"),
        pytest.param(UV, ("--index-url", A), "1.0", {"app": 200, "lib": 200}, {}, id="uv-alone"),
    ],
)
def test_a_planted_release(
    gitlab: GitLab,
    installs: Installs,
    client: str,
    options: tuple[str, ...],
    version: str,
    of_a: dict[str, int],
    of_b: dict[str, int],
) -> None:
    """Which `lib` comes with `app`, and from where."""
    assert installs(client, *options, "app") == {"app": "1.0", "lib": version}

    assert (asked(gitlab.log), asked(gitlab.upstream.log)) == (of_a, of_b)
    planted = version == "2.0"
    assert taken(gitlab.log) == ({APP} if planted else {APP, OURS})
    assert taken(gitlab.upstream.log) == ({THEIRS} if planted else set())
    # The token stays at A.
    assert not any("Authorization" in dict(exchange.headers) for exchange in gitlab.upstream.log)


@pytest.mark.parametrize("first", [A, B], ids=["ours-first", "theirs-first"])
def test_the_same_version_twice(gitlab: GitLab, installs: Installs, first: str) -> None:
    """Of two that are equal pip takes the one of the extra index."""
    gitlab.upstream.delete("lib")
    gitlab.upstream.add(make_wheel("lib", "1.0", files={"lib.py": "WHOSE = 'theirs'\n"}))
    extra = B if first == A else A

    assert installs(PIP, "--index-url", first, "--extra-index-url", extra, "app") == {"app": "1.0", "lib": "1.0"}

    assert taken(gitlab.upstream.log) == ({OURS} if extra == B else set())
    assert taken(gitlab.log) == ({APP} if extra == B else {APP, OURS})


@pytest.mark.parametrize("client", [PIP, UV])
def test_forwarding_is_safe_as_long_as_the_project_is_there(gitlab: GitLab, installs: Installs, client: str) -> None:
    """With A as the only index, what it has is its own; once it is deleted there, the planted one comes instead."""
    assert installs(client, "--index-url", A, "app") == {"app": "1.0", "lib": "1.0"}
    assert not gitlab.upstream.log

    gitlab.delete("lib")

    assert installs(client, "--index-url", A, "app") == {"app": "1.0", "lib": "2.0"}
    assert asked(gitlab.log) == {"app": 200, "lib": 302}
    assert asked(gitlab.upstream.log) == {"lib": 200}
    assert taken(gitlab.upstream.log) == {THEIRS}
    assert not any("Authorization" in dict(exchange.headers) for exchange in gitlab.upstream.log)


@pytest.mark.parametrize("client", [PIP, UV])
def test_without_forwarding_nothing_comes_in_its_place(gitlab: GitLab, installs: Installs, client: str) -> None:
    """The client fails, and the public index is not asked."""
    gitlab.world.forward(on=False)
    gitlab.delete("lib")

    assert installs(client, "--index-url", A, "app") == {}

    assert asked(gitlab.log)["lib"] == 404
    assert not gitlab.upstream.log


@pytest.mark.parametrize("client", [PIP, UV])
def test_forwarded_names_are_found_in_any_spelling(gitlab: GitLab, installs: Installs, client: str) -> None:
    """The public index sends on to the normalized name; a name that is nowhere is nowhere."""
    gitlab.upstream.add(make_wheel("Public.Thing", "3.0"))

    assert installs(client, "--index-url", A, "Public_Thing") == {"public-thing": "3.0"}
    assert installs(client, "--index-url", A, "nowhere") == {}

    assert asked(gitlab.upstream.log) == {"public-thing": 200, "nowhere": 404}

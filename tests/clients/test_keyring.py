"""Clients that find no password ask keyring, and what they ask is noted: real ones, and what a test may do with it."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg import ANONYMOUS, CommandFailed, Credential, Registry, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable

WRONG = "wrong-wrong-wrong"


def questions(registry: Registry) -> set[tuple[str, str | None, bool]]:
    """Return what the keyring was asked: service, user name, whether it had something; without the host's port."""
    return {(one.service.replace(registry.url, "URL"), one.username, one.answered) for one in registry.keyring.asked}


UPLOAD = "URL/api/v4/projects/1/packages/pypi"
INDEX = f"{UPLOAD}/simple"
POETRY = {("python-poetry-check", "python-poetry", False), ("poetry-repository-pyreg", "__token__", False)}
SENT = {
    "hatch": {(UPLOAD, "publisher", True)},
    "pdm": {("pdm-repository-__unknown__", "publisher", True)},
    "poetry": POETRY | {("poetry-repository-pyreg", "publisher", True)},
    "twine": {(UPLOAD, "publisher", True)},
    "uv": {(UPLOAD, "publisher", True)},
}
FETCHED = {
    "pdm": {(f"{INDEX}/", "reader", True)},
    "pip": {(f"{INDEX}/", "reader", True)},
    "poetry": {("python-poetry-check", "python-poetry", False), ("poetry-repository-pyreg", "reader", True)},
    "uv": {(INDEX, "reader", True)},
}


@pytest.mark.clients
@pytest.mark.parametrize("client", SENT)
def test_an_uploading_client_asks(registry: Registry, tool: Callable[[str], str], client: str) -> None:
    """It is told the user alone, asks under its own name for the place, and uploads with the answer."""
    registry.keyring.add(registry.publisher)

    registry.upload(make_wheel("demo", "1.0"), client=tool(client))

    assert questions(registry) == SENT[client]
    assert registry.versions("demo") == ["1.0"]


@pytest.mark.clients
@pytest.mark.parametrize("client", SENT)
def test_a_stale_keyring_lets_nobody_upload(registry: Registry, tool: Callable[[str], str], client: str) -> None:
    """The answer is what is used: with a wrong one the upload is refused."""
    registry.keyring.add(Credential("publisher", WRONG))

    with pytest.raises(CommandFailed):
        registry.upload(make_wheel("demo", "1.0"), client=tool(client))

    assert all(exchange.refused for exchange in registry.log)
    assert questions(registry) == SENT[client]


@pytest.mark.clients
@pytest.mark.parametrize("client", FETCHED)
def test_an_installing_client_asks(registry: Registry, tool: Callable[[str], str], client: str) -> None:
    """It is told the user alone, asks under its own name for the place, and installs with the answer."""
    registry.add(make_wheel("demo", "1.0"))
    registry.keyring.add(registry.reader)

    site = registry.install("demo", client=tool(client))

    assert questions(registry) == FETCHED[client]
    assert site.distributions() == {"demo": "1.0"}


@pytest.mark.clients
@pytest.mark.parametrize("client", FETCHED)
def test_a_stale_keyring_lets_nobody_install(registry: Registry, tool: Callable[[str], str], client: str) -> None:
    """The answer is what is used: with a wrong one there is nothing to install."""
    registry.add(make_wheel("demo", "1.0"))
    registry.keyring.add(Credential("reader", WRONG))

    with pytest.raises(CommandFailed):
        registry.install("demo", client=tool(client))

    assert all(exchange.refused for exchange in registry.log)
    assert questions(registry) == FETCHED[client]


@pytest.mark.skipif(Version(version("pip")) < Version("23.1"), reason="this pip knows no keyring providers")
def test_pip_asks_within_its_own_process(registry: Registry) -> None:
    """With the provider `import`, pip asks for anybody's credential and finds the user name too."""
    registry.add(make_wheel("demo", "1.0"))
    registry.keyring.add(registry.reader, service=f"{registry.index_url}/")
    env = {"PIP_INDEX_URL": registry.index_url, "PIP_KEYRING_PROVIDER": "import"}

    registry.run(
        "python", "-m", "pip", "download", "demo", credential=ANONYMOUS, env=env, cwd=registry._workplace.folder
    )

    assert ("credential", f"{registry.index_url}/", None, True) in {
        (one.how, one.service, one.username, one.answered) for one in registry.keyring.asked
    }
    assert "user reader" in {exchange.who for exchange in registry.log}


def test_a_credential_is_for_its_service(registry: Registry) -> None:
    """One that is held for another service is not given away, and the client has none."""
    registry.keyring.add(registry.publisher, service="https://elsewhere.example/")

    with pytest.raises(CommandFailed):
        registry.upload(make_wheel("demo", "1.0"))

    assert [(one.service, one.answered) for one in registry.keyring.asked] == [(registry.upload_url, False)]
    assert not registry.log.uploads()


def test_the_nearer_and_the_newer_answer_counts(registry: Registry) -> None:
    """What is held for the service goes before what is held for any; what is added again replaces."""
    registry.keyring.add(registry.publisher, service=registry.upload_url)
    registry.keyring.add(Credential("publisher", WRONG))
    registry.upload(make_wheel("demo", "1.0"))

    registry.keyring.add(Credential("publisher", WRONG), service=registry.upload_url)
    with pytest.raises(CommandFailed):
        registry.upload(make_wheel("demo", "1.1"))

    assert registry.versions("demo") == ["1.0"]


def test_nobody_asks_unless_somebody_listens(registry: Registry) -> None:
    """An empty keyring is the null one, and the password is in the environment; a listening one notes a question."""
    env = registry.env()
    assert env["PYTHON_KEYRING_BACKEND"] == "keyring.backends.null.Keyring"
    assert env["TWINE_PASSWORD"] == registry.publisher.secret
    assert "PYTHONPATH" not in env

    registry.keyring.listen()
    assert registry.env()["TWINE_PASSWORD"] == registry.publisher.secret
    result = registry.run("keyring", "get", "somewhere", "somebody", check=False)

    assert result.returncode
    assert [(one.service, one.username, one.answered) for one in registry.keyring.asked] == [
        ("somewhere", "somebody", False)
    ]


def test_others_keep_their_password(registry: Registry) -> None:
    """Only who is in the keyring is to ask it; and once it is cleared nobody is."""
    registry.keyring.add(registry.reader)

    assert registry.env()["TWINE_PASSWORD"] == registry.publisher.secret
    assert "TWINE_PASSWORD" not in registry.env(registry.reader)
    registry.keyring.clear()
    assert registry.env(registry.reader)["TWINE_PASSWORD"] == registry.reader.secret


def test_no_password_is_written_or_shown(registry: Registry) -> None:
    """Not into the notes, not into a file, not by a representation, not by a client that prints what it got."""
    secret = "brought-along-0123456789"
    registry.keyring.add(Credential("ada", secret))

    result = registry.run("keyring", "get", "somewhere", "ada")

    assert result.stdout.strip() == "[redacted]"
    assert secret not in f"{registry.keyring!r} {registry.keyring.asked}"
    files = [path for path in registry._workplace.folder.rglob("*") if path.is_file()]
    assert any(path.name == "asked.jsonl" for path in files)
    assert not [path for path in files if secret.encode() in path.read_bytes()]


def test_a_name_alone_is_no_secret(registry: Registry) -> None:
    """A client's URL has the user's name without a password then; what is shown of them keeps it."""
    registry.keyring.add(registry.reader)

    result = registry.run("python", "-c", "print('reader')", credential=registry.reader)

    assert result.stdout == "reader\n"
    assert registry.reader.secret not in repr(registry.env(registry.reader))


def test_what_cannot_be_held_is_refused(registry: Registry) -> None:
    """A text, and nobody."""
    with pytest.raises(TypeError, match="holds credentials"):
        registry.keyring.add("secret")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no secret"):
        registry.keyring.add(ANONYMOUS)


def test_the_backend_finds_and_notes(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a client's interpreter runs it: by user and service, anybody's, nobody's; what is stored is dropped."""
    from pytest_pyreg.clients.keyring_backend import Backend

    registry.keyring.add(Credential("ada", "for-any"))
    registry.keyring.add(Credential("bob", "for-one"), service="one")
    for name, value in registry.keyring.settings().items():
        monkeypatch.setenv(name, value)
    backend = Backend()  # type: ignore[no-untyped-call]  # As keyring leaves it.

    backend.set_password("one", "ada", "another")

    assert backend.get_password("one", "ada") == "for-any"
    assert backend.get_password("two", "bob") is None
    found = backend.get_credential("one", None)
    assert found is not None
    assert (found.username, found.password) == ("bob", "for-one")
    assert backend.get_credential("two", "eve") is None
    assert [(one.how, one.service, one.username, one.answered) for one in registry.keyring.asked] == [
        ("password", "one", "ada", True),
        ("password", "two", "bob", False),
        ("credential", "one", None, True),
        ("credential", "two", "eve", False),
    ]

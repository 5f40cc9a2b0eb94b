"""The control application on the wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests
from werkzeug.test import Client

from pytest_pyreg.control import PATH, Control

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg import Registry, RemoteRegistry

    Share = Callable[..., tuple[Registry, RemoteRegistry]]


@pytest.mark.parametrize(
    ("shown", "method", "body", "status", "said"),
    [
        ({"Authorization": "Bearer {token}"}, "POST", {"do": "hello"}, 200, "version"),
        ({}, "POST", {"do": "hello"}, 401, "control token"),
        ({"Authorization": "Bearer {token}x"}, "POST", {"do": "hello"}, 401, "control token"),
        ({"Authorization": "Basic {token}"}, "POST", {"do": "hello"}, 401, "control token"),
        ({"Authorization": "Bearer \xfc"}, "POST", {"do": "hello"}, 401, "control token"),
        ({"Authorization": "Bearer {token}"}, "GET", None, 405, "posted"),
        ({"Authorization": "Bearer {token}"}, "POST", {"do": "evil"}, 400, "nothing that can be done"),
        ({"Authorization": "Bearer {token}"}, "POST", ["hello"], 400, "nothing that can be done"),
        ({"Authorization": "Bearer {token}"}, "POST", None, 400, "nothing that can be done"),
    ],
)
def test_who_may_come_in(
    share: Share, token: str, shown: dict[str, str], method: str, body: object, status: int, said: str
) -> None:
    """Who shows the token, and posts what can be done."""
    registry, _ = share("gitlab@17")
    headers = {name: value.format(token=token).encode("latin-1") for name, value in shown.items()}

    answer = requests.request(
        method, registry.url + PATH, headers=headers, data=json.dumps(body) if body else "{", timeout=10
    )

    assert answer.status_code == status
    assert said in answer.text
    assert token not in answer.text
    assert registry.log.count == 0


def test_a_registrys_credential_is_no_key(share: Share) -> None:
    """Nor is its own token one of the registry's."""
    registry, _ = share("gitlab@17")
    headers = {"Authorization": f"Bearer {registry.publisher.secret}"}

    assert requests.post(registry.url + PATH, headers=headers, json={"do": "hello"}, timeout=10).status_code == 401


def test_from_another_machine(token: str) -> None:
    """Nobody, whatever they show."""
    client = Client(Control(lambda *_: [], object(), token))
    hello: dict[str, Any] = {"json": {"do": "hello"}, "headers": {"Authorization": f"Bearer {token}"}}

    assert client.post(PATH, **hello, environ_base={"REMOTE_ADDR": "10.0.0.1"}).status_code == 403
    assert client.post(PATH, **hello, environ_base={"REMOTE_ADDR": "127.0.0.1"}).status_code == 200


def test_no_classes_but_ours(share: Share) -> None:
    """A value that is said to be of any other class is none."""
    _, far = share("gitlab@17")
    evil = {"$": "record", "type": "subprocess:Popen", "fields": {"args": ["true"]}}

    with pytest.raises(ValueError, match="no class of this package"):
        far._far.ask("call", far, name="files", args=[evil], kwargs={})
    with pytest.raises(ValueError, match="is no record"):
        far._far.ask("call", far, name="files", args=[{**evil, "type": "pytest_pyreg.registry:Registry"}], kwargs={})
    with pytest.raises(LookupError, match="no such object"):
        far._far.ask("call", far, name="files", args=[{"$": "handle", "number": 999}], kwargs={})

"""The way to a registry in another process: one connection, kept open, on which one question is asked at a time."""

from __future__ import annotations

import http.client
import json
import os
import threading
from http import HTTPStatus
from importlib import metadata
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_pyreg.control import PATH
from pytest_pyreg.options import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 120
"""Seconds that a registry may take over one answer."""


class RegistryGone(ConnectionError):
    """A registry in another process does not answer any more, or never did."""


class Link:
    """The way to one registry.

    Args:
        url: where it is: its own URL, or any below it.
        token: the secret that opens its control application.

    Raises:
        ValueError: the URL is none of this machine.
    """

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(str(url))
        if parts.scheme != "http" or not LOOPBACK.fullmatch(parts.hostname or ""):
            raise ValueError(
                f"a registry can be attached on this machine only, as in 'http://127.0.0.1:8080', not {url!r}"
            )
        self.url = f"http://{parts.netloc}"
        self._token = token
        self._lock = threading.Lock()
        self._connection: http.client.HTTPConnection | None = None
        self._process = os.getpid()

    def hello(self) -> Any:  # noqa: ANN401 - it is JSON.
        """Return what the registry says first.

        Raises:
            ValueError: it is of another version than this process's, whose words might be others.
        """
        said = self.ask({"do": "hello"})
        mine = metadata.version("pytest-pyreg")
        if said["version"] != mine:
            raise ValueError(
                f"the registry at {self.url} is of pytest-pyreg {said['version']}, and here is {mine}; "
                "use the same version on both sides"
            )
        return said["registry"]

    def ask(self, question: Mapping[str, Any]) -> Any:  # noqa: ANN401 - it is JSON.
        """Ask the registry to do something and return what comes of it.

        Raises:
            RegistryGone: it does not answer.
            PermissionError: the token is not its own.
            ValueError: whatever answers there is no registry that can be shared.
            Told: the registry raised an error.
        """
        __tracebackhide__ = True
        status, reply = self._reply(json.dumps(question).encode())
        if status == HTTPStatus.UNAUTHORIZED:
            raise PermissionError(
                f"the control token is not that of the registry at {self.url}; "
                "it is printed by whoever starts one with: pyreg serve --control"
            )
        if not isinstance(reply, dict) or status != HTTPStatus.OK:
            problem = reply.get("problem") if isinstance(reply, dict) else None
            raise ValueError(
                f"what answers at {self.url} is no registry that is shared ({problem or status}); "
                "start it with: pyreg serve --control"
            )
        if "error" in reply:
            raise Told(reply["error"])
        return reply["value"]

    def _reply(self, body: bytes) -> tuple[int, Any]:
        __tracebackhide__ = True
        with self._lock:
            try:
                if self._connection is None or self._process != os.getpid():  # A fork has no right to the other's.
                    self._connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=TIMEOUT)
                    self._process = os.getpid()
                self._connection.request("POST", PATH, body, {"Authorization": f"Bearer {self._token}"})
                with self._connection.getresponse() as response:
                    text = response.read()
                    status = response.status
            except (OSError, http.client.HTTPException) as error:
                self._close()
                why = str(error) or type(error).__name__
                raise RegistryGone(
                    f"the registry at {self.url} does not answer ({why}); was it stopped, or did its process end?"
                ) from None
        try:
            return status, json.loads(text)
        except ValueError:
            return status, None

    def close(self) -> None:
        """End the connection; closing twice is no error."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


class Told(Exception):
    """An error that the registry raised, as it says it."""

    def __init__(self, said: Mapping[str, Any]) -> None:
        self.said = said
        super().__init__(said.get("text", ""))

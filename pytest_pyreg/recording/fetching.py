"""Asking a real index: pages and files, within a time and a size, and in words that hold no secret.

No address is ever shown: a token may be anywhere in it.  What went wrong is said in our own words, since those of
`requests` hold addresses.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from pytest_pyreg.recording import pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    import requests
    from packaging.utils import NormalizedName
    from typing_extensions import Self

    from pytest_pyreg.recording.configured import Configured, Index
    from pytest_pyreg.recording.pages import Page

PAGE_SECONDS = 60.0
PAGE_BYTES = 64 * 1024 * 1024
FILE_SECONDS = 600.0
FILE_BYTES = 8 * 1024**3
METADATA_BYTES = 16 * 1024 * 1024
"""The most of each; the largest page that is known of is a third of that."""
_BLOCK = 256 * 1024
_NOT_HERE = {404, 410}
_NO_LOGIN = {401, 403, 407}


class Failed(Exception):
    """A real index did not give what it was asked for; the message has no secret."""


def page(configured: Configured, project: NormalizedName) -> Page | None:
    """Return a project's page from the first index that has one; None if none has.

    Raises:
        Failed: an index could not be asked, or said something else.
    """
    for index in configured.indexes:
        url = f"{index.url}/{project}/"
        with _Asked(configured, index, url, pages.ACCEPT) as asked:
            if asked.answer.status_code in _NOT_HERE:
                continue
            asked.require_ok()
            body = b"".join(asked.blocks(PAGE_BYTES, PAGE_SECONDS))
            try:
                return pages.read(project, body, asked.answer.headers.get("Content-Type", ""), asked.answer.url)
            except pages.NotAPage as error:
                asked.fail(f"sent no page of a project: {error}")
    return None


def file(configured: Configured, url: str, limit: int) -> Iterator[bytes]:
    """Yield the bytes at an address that a page named.

    Args:
        configured: how to get there; a login goes to no other host than its index's.
        url: the address.
        limit: how many bytes to take at most.

    Raises:
        Failed: they could not be had.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        raise Failed("the page names an address that is not reached by http or https")
    same = [index for index in configured.indexes if _origin(index.url) == _origin(url)]
    index = next((one for one in same if url.startswith(f"{one.url}/")), same[0] if same else None)
    with _Asked(configured, index, url, "*/*") as asked:
        asked.require_ok()
        yield from asked.blocks(limit, FILE_SECONDS)


class _Asked:
    """One request and its answer, the body still to be read."""

    answer: requests.Response

    def __init__(self, configured: Configured, index: Index | None, url: str, accept: str) -> None:
        self._configured = configured
        self._index = index
        self._url = url
        # Not compressed: an archive is to arrive as it is.
        self._headers = {"Accept": accept, "Accept-Encoding": "identity", "User-Agent": "pytest-pyreg"}

    def __enter__(self) -> Self:
        import requests

        configured = self._configured
        self._session = requests.Session()
        try:
            self.answer = self._session.get(
                self._url,
                headers=self._headers,
                auth=self._index.login if self._index is not None else None,
                timeout=configured.timeout,
                verify=configured.verify,
                cert=configured.client_cert,
                proxies=dict.fromkeys(("http", "https"), configured.proxy) if configured.proxy else None,
                stream=True,
            )
        except (requests.RequestException, ValueError, OSError) as error:
            self._session.close()
            self.fail(_trouble(error, configured.timeout))
        return self

    def __exit__(self, *error: object) -> None:
        self.answer.close()
        self._session.close()

    def require_ok(self) -> None:
        """Refuse any answer but a plain yes."""
        status = self.answer.status_code
        if status in _NO_LOGIN:
            self.fail(f"answered {status}: it wants another login; put it into pip's index URL, or into a .netrc")
        if status != 200:  # noqa: PLR2004 - the one good answer.
            self.fail(f"answered {status}")

    def blocks(self, limit: int, seconds: float) -> Iterator[bytes]:
        """Yield the body, but neither more than that nor for longer."""
        import requests

        count, late = 0, threading.Event()
        with _ended(self.answer, seconds, late):
            try:
                for block in self.answer.iter_content(_BLOCK):
                    count += len(block)
                    if count > limit:
                        self.fail(f"sent more than {limit} bytes")
                    yield block
            except (requests.RequestException, OSError) as error:
                self.fail(_late(seconds) if late.is_set() else _trouble(error, self._configured.timeout))
        if late.is_set():
            self.fail(_late(seconds))
        headers = self.answer.headers
        if "Content-Encoding" not in headers and headers.get("Content-Length", str(count)) != str(count):
            self.fail("broke off in the middle")  # Older releases of `urllib3` do not mind.

    def fail(self, problem: str) -> NoReturn:
        """Say what went wrong, and where, without an address."""
        shown = self._index.shown if self._index is not None else urlsplit(self._url).hostname or "its file host"
        raise Failed(f"the index that pip is configured for, {shown}, {problem}") from None


@contextmanager
def _ended(answer: requests.Response, seconds: float, late: threading.Event) -> Iterator[None]:
    """End a body that takes too long: a server that sends a byte now and then is not caught by any time-out."""
    try:
        connection = socket.socket(fileno=os.dup(answer.raw.fileno()))
    except (OSError, ValueError, AttributeError):  # It is here as a whole already.
        yield
        return

    def end() -> None:
        late.set()
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        connection.close()


def _late(seconds: float) -> str:
    return f"was not done after {seconds:g} seconds"


def _trouble(error: Exception, seconds: float) -> str:
    """Return what an error means; its own words may hold an address."""
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "has a certificate that is not trusted; see pip's option cert"
    if isinstance(error, requests.exceptions.ProxyError):
        return "could not be reached through the proxy"
    if isinstance(error, requests.Timeout):
        return f"said nothing for {seconds:g} seconds"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "broke off in the middle"
    if isinstance(error, requests.ConnectionError):
        return f"could not be reached, or said nothing for {seconds:g} seconds"
    return f"could not be asked ({type(error).__name__})"


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", "", None

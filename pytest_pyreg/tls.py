"""TLS on loopback: a throw-away authority, a certificate for this machine's own names, and the handshake with a client.

The authority is made once per process and lives in its memory; nothing on the machine ever trusts it but the clients
that are told to.  What is said after the handshake is `connection`'s.
"""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme

HANDSHAKE_SECONDS = 10.0
"""How long a client may take to say who it wants and to agree on keys; Go's and nginx's servers give it longer."""
HOSTS = ("127.0.0.1", "localhost", "::1")
"""What every certificate is good for."""

_HANDSHAKE = b"\x16"
"""The first byte of whoever speaks TLS (RFC 8446, 5.1)."""
# As Go's server says it (go1.26.8, net/http/server.go:1927), and so Gitea and whatever is written in Go.
_PLAIN = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
_DISTRUST = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN")
"""The alerts of clients that do not like the certificate (RFC 8446, 6.2), as OpenSSL names them."""
_making = threading.Lock()


class NoCertificate(ValueError):
    """TLS was asked for, and what makes certificates is not installed."""


class HandshakeFailed(Exception):
    """A client and the server did not agree; the argument says why, for whoever wrote the test."""


@dataclass(frozen=True)
class TLS:
    """How a registry, and what runs beside it, speaks TLS."""

    context: ssl.SSLContext
    ca: bytes | None = field(default=None, repr=False)
    """The authority's certificate, as PEM; none if the context is the caller's own."""


def secured(asked: object, host: str) -> TLS | None:
    """Return how to speak TLS, if that was asked for.

    Args:
        asked: whether, or the caller's own context.
        host: where the registry listens.

    Raises:
        ValueError: the argument means nothing here.
        NoCertificate: trustme is not installed.
    """
    if isinstance(asked, ssl.SSLContext):
        if asked.protocol == ssl.PROTOCOL_TLS_CLIENT:
            raise ValueError("tls is a server's context here: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), with its chain")
        return TLS(asked)
    if not isinstance(asked, bool):
        raise ValueError(f"tls is True, for a certificate made here, or an ssl.SSLContext of your own, not {asked!r}")  # noqa: TRY004 - as all options.
    if not asked:
        return None
    with _making:  # Two registries that start at the same moment have the same authority.
        return _made(host)


@lru_cache(maxsize=16)
def _made(host: str) -> TLS:
    authority = _authority()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert(*dict.fromkeys((*HOSTS, host))).configure_cert(context)
    return TLS(context, authority.cert_pem.bytes())


@lru_cache(maxsize=1)
def _authority() -> trustme.CA:
    try:
        import trustme
    except ImportError:
        raise NoCertificate(
            "tls=True makes its certificate with trustme, which is not installed: pip install 'pytest-pyreg[tls]'"
        ) from None
    return trustme.CA(organization_name="pytest-pyreg", organization_unit_name="throw-away authority of one process")


def hear(connection: socket.socket) -> None:
    """Wait for a client's first word, and look whether it is TLS; nothing of it is taken.

    A client that is gone is found out here: on Pythons before 3.13, `ssl` leaves a socket open that it finds reset.

    Raises:
        HandshakeFailed: it is plain HTTP, or was not said in time.
        OSError: the client went away without a word, as who only looks whether the port is open.
    """
    connection.settimeout(HANDSHAKE_SECONDS)
    try:
        first = connection.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        raise _late() from None
    if not first:
        raise ConnectionAbortedError("the client went away without a word")
    if first != _HANDSHAKE and first.isalpha():
        connection.sendall(_PLAIN)
        raise HandshakeFailed(
            "a client spoke plain HTTP on the registry's TLS port, and got a 400; the registry's URLs begin with https://"
        )


def wrapped(connection: socket.socket, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Return the connection as one that speaks TLS, before a word was said; takes the place of the one given."""
    return context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)


def agree(connection: ssl.SSLSocket) -> None:
    """Agree with a client on keys.

    Raises:
        HandshakeFailed: they did not.
        OSError: the connection is no more.
    """
    connection.settimeout(HANDSHAKE_SECONDS)
    try:
        connection.do_handshake()
    except TimeoutError:
        raise _late() from None
    except ssl.SSLError as error:
        raise HandshakeFailed(f"a TLS handshake failed: {_why(error)}") from error
    except ConnectionResetError:
        raise HandshakeFailed("a TLS handshake failed: the client hung up in the middle of it") from None
    connection.settimeout(None)


def _late() -> HandshakeFailed:
    return HandshakeFailed(f"a TLS handshake failed: the client did not end it within {HANDSHAKE_SECONDS:g} seconds")


def _why(error: ssl.SSLError) -> str:
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return "the client hung up in the middle of it"
    reason = error.reason or str(error)
    words = reason.lower().replace("_", " ")
    if "ALERT" in reason and reason.endswith(_DISTRUST):
        return (
            f"{words} (the client does not trust the registry's certificate: have SSL_CERT_FILE and "
            "REQUESTS_CA_BUNDLE of registry.env() reached it?)"
        )
    return words

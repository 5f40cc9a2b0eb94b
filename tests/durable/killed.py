"""A registry in a process of its own, which is killed while clients talk to it; and what they were told."""

from __future__ import annotations

import base64
import hashlib
import http.client
import itertools
import json
import multiprocessing
import os
import random
import resource
import signal
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pytest_pyreg import make_wheel, products

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from pytest_pyreg.dists import Dist

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["pytest_pyreg.products.gitlab", "pytest_pyreg.durable.keeper"])
BIG = 100_000
"""Bytes that do not fit into memory: they arrive in a file."""


def _serve(folder: str, pipe: Connection, most_bytes: int) -> None:
    """Run a registry until somebody kills this process."""
    if most_bytes:  # A disk that is full, as far as a process can have one.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    registry = products.registry("gitlab@17", data=folder).start()
    registry.project("acme/demo").add_member(registry.user("publisher"), "maintainer")  # type: ignore[attr-defined]
    registry.save()
    if most_bytes:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))
    pipe.send((registry.url, registry.publisher.username, registry.publisher.secret))
    signal.pause()


@dataclass
class Told:
    """What clients know about what is stored."""

    stored: dict[str, str] = field(default_factory=dict)
    """File name -> sha256, of what was acknowledged."""
    deleted: set[str] = field(default_factory=set)
    """File names, of whose release an end was acknowledged."""
    asked: dict[str, str] = field(default_factory=dict)
    """File name -> sha256, of all that was ever sent."""
    unsure: set[str] = field(default_factory=set)
    """File names, of whose release an end was asked for."""


class Victim:
    """A process that is going to be killed.

    Args:
        folder: the registry's.
        most_bytes: the size that no file of its may exceed; any if zero.
    """

    def __init__(self, folder: Path, most_bytes: int = 0) -> None:
        ours, theirs = _PROCESSES.Pipe()
        self._pipe = ours
        self.process = _PROCESSES.Process(target=_serve, args=(str(folder), theirs, most_bytes), daemon=True)
        self.process.start()
        theirs.close()
        url, username, secret = ours.recv()
        self._address = urlsplit(url)
        self._basic = {"Authorization": "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()}
        self._token = {"PRIVATE-TOKEN": secret}

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Ask for something; a connection that breaks is an OSError or an HTTPException."""
        connection = http.client.HTTPConnection(self._address.hostname or "", self._address.port, timeout=30)
        try:
            # The REST API takes no basic authentication.
            connection.request(method, path, body, {**(self._basic if body else self._token), **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def upload(self, dist: Dist) -> tuple[int, bytes]:
        """Upload a file, as a client would."""
        fields = {":action": "file_upload", "name": dist.project, "version": dist.version, "filetype": "bdist_wheel"}
        fields |= {"sha256_digest": hashlib.sha256(dist.data).hexdigest(), "metadata_version": "2.1"}
        parts = [
            f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--cut\r\nContent-Disposition: form-data; name="content"; filename="{dist.name}"\r\n\r\n'.encode()
        body = b"".join([*parts, head, dist.data, b"\r\n--cut--\r\n"])
        path = "/api/v4/projects/1/packages/pypi"
        return self.request("POST", path, body, **{"Content-Type": "multipart/form-data; boundary=cut"})

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.join(30)
        assert self.process.exitcode == -signal.SIGKILL
        self.process.close()
        self._pipe.close()


_NUMBERS = itertools.count(1)


def harass(victim: Victim, told: Told, chance: random.Random, after: int, clients: int = 3) -> None:
    """Upload and delete from several threads until so many things were acknowledged, and kill the process just then.

    Args:
        victim: whom.
        told: where what was asked and acknowledged is put down.
        chance: chooses.
        after: how many acknowledgements to wait for.
        clients: how many threads.
    """
    enough, over = threading.Semaphore(0), threading.Event()

    def client(seed: int) -> None:
        own = random.Random(seed)  # noqa: S311 - what has to be the same again.
        while not over.is_set():
            padding = own.randbytes(BIG if own.random() < 0.2 else 10)
            dist = make_wheel(f"demo{own.randrange(5)}", f"1.{next(_NUMBERS)}", files={"x.bin": padding})
            told.asked[dist.name] = hashlib.sha256(dist.data).hexdigest()
            try:
                status, body = victim.upload(dist)
                assert status == 201, body
                told.stored[dist.name] = told.asked[dist.name]
                enough.release()
                if own.random() < 0.2:
                    _delete(victim, told, dist)
                    enough.release()
            except (OSError, http.client.HTTPException):
                return

    threads = [threading.Thread(target=client, args=(chance.randrange(2**32),)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for _ in range(after):
        assert enough.acquire(timeout=60)
    over.set() if chance.random() < 0.1 else None  # Sometimes in a quiet moment.
    victim.kill()
    over.set()
    for thread in threads:
        thread.join(60)


def _delete(victim: Victim, told: Told, dist: Dist) -> None:
    path = f"/api/v4/projects/1/packages?package_name={dist.project}&package_version={dist.version}"
    found: list[Any] = json.loads(victim.request("GET", path)[1])
    told.unsure.add(dist.name)
    status, body = victim.request("DELETE", f"/api/v4/projects/1/packages/{found[0]['id']}")
    assert status == 204, body
    told.deleted.add(dist.name)

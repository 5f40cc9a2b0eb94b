"""Snapshots: what stays the same object, orders of restoring, bytes, pages and serials, upstream, mistakes."""

from __future__ import annotations

import base64
import json
import re
import socket
import threading
from collections import deque
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import ANONYMOUS, GitLab, PyPI, Registry, make_wheel
from pytest_pyreg.clock import SystemClock
from pytest_pyreg.memento import Memento, Unforeseen
from pytest_pyreg.render.replies import Reply
from pytest_pyreg.stock import NotRunning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_pyreg.dists import Dist
    from pytest_pyreg.identity import Credential
    from pytest_pyreg.pages import PageCache

LARGE = {"large.bin": "".join(chr(33 + number * number % 90) for number in range(300_000))}


@pytest.fixture(name="gitlab")
def _gitlab() -> Iterator[GitLab]:
    with GitLab() as registry:
        yield registry


def get(registry: Registry, path: str, credential: Credential) -> requests.Response:
    """Ask for something below the simple index."""
    auth = (credential.username, credential.secret) if credential is not ANONYMOUS else None
    return requests.get(registry.index_url + path, auth=auth, timeout=10)


def sent(registry: Registry, dist: Dist) -> int:
    """Upload without twine; return the status."""
    return requests.post(
        registry.upload_url,
        auth=(registry.publisher.username, registry.publisher.secret),
        data={"name": dist.name.split("-")[0], "version": dist.name.split("-")[1], "sha256_digest": dist.sha256},
        files={"content": (dist.name, dist.data)},
        timeout=10,
    ).status_code


def test_what_was_there_is_the_same_object_with_its_old_attributes(gitlab: GitLab) -> None:
    """A user and a token from before work after; what came since is gone, and its token is refused."""
    ada = gitlab.user("ada")
    token = ada.personal_token(["read_api"])
    gitlab.add(make_wheel("demo", "1.0"))
    snapshot = gitlab.snapshot()

    ada.state = "blocked"
    gitlab.world.home.add_member(ada, "reporter")
    late = gitlab.user("grace").personal_token()
    gitlab.world.home.add_member(gitlab.user("grace"), "reporter")
    assert get(gitlab, "/demo/", token).status_code == 403
    assert get(gitlab, "/demo/", late).status_code == 200
    gitlab.restore(snapshot)

    assert gitlab.user("ada") is ada
    assert ada.state == "active"
    assert ada not in gitlab.world.home.members
    assert get(gitlab, "/demo/", token).status_code == 404
    assert get(gitlab, "/demo/", late).status_code == 401
    assert late.secret not in gitlab.redacted(f"the token was {late.secret}"), "a secret that is gone is one still"


def test_the_log_goes_on(gitlab: GitLab) -> None:
    """What came came."""
    snapshot = gitlab.snapshot()
    get(gitlab, "/demo/", gitlab.reader)

    gitlab.restore(snapshot)

    assert gitlab.log.count == len(gitlab.log) == 1


def test_snapshots_are_restored_in_any_order_and_often(gitlab: GitLab) -> None:
    """Forwards, backwards, twice the same; one does not change another, nor does what is added after a restore."""
    states = []
    for number in range(4):
        gitlab.add(make_wheel("demo", f"1.{number}", files=LARGE), make_wheel(f"part{number}", "1"))
        states.append((gitlab.snapshot(), set(gitlab.versions("demo")), gitlab.projects()))

    for number in (0, 3, 1, 1, 2, 0, 3):
        snapshot, versions, projects = states[number]
        gitlab.restore(snapshot)
        assert set(gitlab.versions("demo")) == versions
        assert gitlab.projects() == projects
        gitlab.add(make_wheel("demo", "2.0"), make_wheel("part0", "2"))
        gitlab.delete("demo", "1.0")


@pytest.mark.parametrize("files", [{}, LARGE], ids=["in memory", "on disk"])
def test_bytes_that_were_let_go_of_are_there_again(gitlab: GitLab, files: dict[str, str]) -> None:
    """Deleted after the snapshot, perhaps uploaded and deleted again: fetched as they were; often."""
    wheel = make_wheel("demo", "1.0", files=files)
    gitlab.add(wheel)
    snapshot = gitlab.snapshot()
    url = f"{gitlab.upload_url}/files/{wheel.sha256}/{wheel.name}"
    auth = (gitlab.reader.username, gitlab.reader.secret)

    for again in range(3):
        gitlab.delete("demo")
        assert requests.get(url, auth=auth, timeout=10).status_code == 404
        if again:
            gitlab.add(wheel)
        if again > 1:
            gitlab.delete("demo")
        gitlab.restore(snapshot)
        assert requests.get(url, auth=auth, timeout=10).content == wheel.data


def test_no_file_stays_on_disk_for_nothing(gitlab: GitLab) -> None:
    """What came after a snapshot goes from the disk with the restore; what only a lost snapshot had, with the next."""
    blobs = gitlab._blobs
    gitlab.add(make_wheel("demo", "1.0", files=LARGE))
    (folder,) = {blob.path.parent for blob in blobs._blobs.values() if blob.path is not None}
    snapshot = gitlab.snapshot()
    gitlab.add(make_wheel("demo", "2.0", files=LARGE))
    assert len(list(folder.iterdir())) == 2

    gitlab.restore(snapshot)
    assert len(list(folder.iterdir())) == 1
    gitlab.delete("demo")
    assert len(list(folder.iterdir())) == 1
    del snapshot
    gitlab.add(make_wheel("demo", "3.0", files=LARGE))
    gitlab.delete("demo")

    assert not list(folder.iterdir())


def test_a_page_of_the_time_between_is_never_served_again(gitlab: GitLab) -> None:
    """Pages are kept by serial: after each restore another change gives another page, whatever was shown before."""
    snapshot = gitlab.snapshot()
    serials = set()

    for number in range(5):
        gitlab.add(make_wheel("demo", f"1.{number}"))
        serials.add(gitlab._index.serial(gitlab.namespace))
        text = get(gitlab, "/demo/", gitlab.reader).text
        assert f"demo-1.{number}-py3" in text
        assert text.count("<a ") == 1
        gitlab.restore(snapshot)
        assert get(gitlab, "", gitlab.reader).text.count("<a ") == 0

    assert len(serials) == 5


def test_a_page_that_is_newer_than_its_serial_goes(gitlab: GitLab) -> None:
    """One request reads the serial, an upload comes, the request renders: its page may be kept until the restore."""
    gitlab.add(make_wheel("demo", "1.0"))
    serial = gitlab._index.serial(gitlab.namespace, "demo")  # type: ignore[arg-type]
    assert gitlab._app is not None
    pages: PageCache = gitlab._app._actions.pages
    get(gitlab, "/demo/", gitlab.reader)
    (key,) = pages._pages
    snapshot = gitlab.snapshot()
    pages._pages.clear()
    pages.get(key, serial, lambda: Reply(200, (), b"a page of the time between"))

    gitlab.restore(snapshot)

    assert "demo-1.0" in get(gitlab, "/demo/", gitlab.reader).text


def test_time_goes_back(gitlab: GitLab) -> None:
    """What `advance` added is gone, so a token that had expired holds again."""
    gitlab.add(make_wheel("demo", "1.0"))
    ada = gitlab.user("ada")
    gitlab.world.home.add_member(ada, "reporter")
    token = ada.personal_token(expires=gitlab.clock.now().replace(year=2100))
    snapshot = gitlab.snapshot()
    gitlab.clock.advance(days=365 * 100)
    assert get(gitlab, "/demo/", token).status_code == 401

    gitlab.restore(snapshot)

    assert get(gitlab, "/demo/", token).status_code == 200


def test_time_is_that_of_the_snapshot_whenever_upstream_began() -> None:
    """Both share a clock: upstream's own beginning does not count."""
    with Registry("gitlab", clock=(clock := SystemClock())) as registry:
        before = clock.now()
        snapshot = registry.snapshot()
        clock.advance(days=30)
        registry.upstream.add(make_wheel("lib", "1.0"))

        registry.restore(snapshot)

        assert (clock.now() - before).days == 0


def test_upstream_goes_back_too(tmp_path: Path) -> None:
    """One that was there is as it was; one that came since is as it began, at the same address."""
    (tmp_path / "seed").mkdir()
    make_wheel("seed", "1.0").write_to(tmp_path / "seed")
    with Registry("gitlab", upstream=tmp_path / "seed") as registry:
        without = registry.snapshot()
        registry.upstream.add(make_wheel("lib", "1.0"))
        url = registry.upstream.url
        with_lib = registry.snapshot()
        registry.upstream.add(make_wheel("lib", "2.0"))

        registry.restore(with_lib)
        assert registry.upstream.files("lib") == {"lib-1.0-py3-none-any.whl"}
        registry.restore(without)

        assert registry.upstream.projects() == {"seed"}
        assert registry.upstream.url == url
        assert requests.get(f"{registry.upstream.index_url}/lib/", timeout=10).status_code == 404
        registry.restore(with_lib)
        assert requests.get(f"{registry.upstream.index_url}/lib/", timeout=10).status_code == 200


def test_a_recording_is_served_again(tmp_path: Path) -> None:
    """What was put in of a recording since is put in again when it is asked for; one that was not yet served is not."""
    wheel = make_wheel("lib", "1.0")
    (tmp_path / "lib").mkdir()
    wheel.write_to(tmp_path / "lib")
    page = {"name": "lib", "files": [{"filename": wheel.name, "url": wheel.name, "hashes": {"sha256": wheel.sha256}}]}
    (tmp_path / "lib" / "page.json").write_text(json.dumps({"meta": {"api-version": "1.1"}, **page}))
    with PyPI() as registry:
        without = registry.snapshot()
        registry.replay(tmp_path)
        replaying = registry.snapshot()

        for _ in range(2):
            text = get(registry, "/lib/", ANONYMOUS).text
            (link,) = re.findall(r'"(http[^"#]*\.whl)', text)
            assert requests.get(link, timeout=10).content == wheel.data
            registry.restore(replaying)
        registry.restore(without)

        assert get(registry, "/lib/", ANONYMOUS).status_code == 404


def test_an_upload_on_its_way_leaves_nothing(gitlab: GitLab) -> None:
    """Clients upload as fast as they can; after each restore nothing but what was there is there, and it can be had."""
    wheels = [make_wheel("demo", f"1.{number}", files=LARGE if number % 3 else {}) for number in range(30)]
    gitlab.add(make_wheel("stays", "1.0", files=LARGE))
    snapshot = gitlab.snapshot()
    waiting, statuses, stop = deque(wheels), deque[int](), threading.Event()

    def upload() -> None:
        while not stop.is_set():
            waiting.rotate()
            statuses.append(sent(gitlab, waiting[0]))

    clients = [threading.Thread(target=upload) for _ in range(3)]
    for client in clients:
        client.start()
    try:
        for number in range(40):
            while len(statuses) < 3 * number and any(client.is_alive() for client in clients):
                threading.Event().wait(0.001)  # Else the gate is shut nearly all the time.
            gitlab.restore(snapshot)
            with gitlab._gate.closed():  # type: ignore[union-attr]
                _whole(gitlab)
    finally:
        stop.set()
        for client in clients:
            client.join()

    assert set(statuses) <= {201, 400}
    assert 201 in statuses
    _whole(gitlab)
    gitlab.restore(snapshot)
    assert gitlab.projects() == {"stays"}
    assert len(gitlab._blobs._blobs) == 1


def _whole(registry: Registry) -> None:
    """Every row has its bytes, and all bytes have their row."""
    digests = {file.digest for release in registry._index.releases([registry.namespace]) for file in release.files}
    assert digests == set(registry._blobs._blobs)
    for digest in digests:
        with registry._blobs.get(digest).open() as file:
            assert file.read(1)


def test_a_client_that_hangs_is_hung_up_on(gitlab: GitLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore does not wait for half an upload; nor is anything left of it."""
    monkeypatch.setattr("pytest_pyreg.gate.PATIENCE_SECONDS", 0.2)
    snapshot = gitlab.snapshot()
    login = base64.b64encode(f"{gitlab.publisher.username}:{gitlab.publisher.secret}".encode()).decode()
    path = gitlab.upload_url.removeprefix(gitlab.url)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\nAuthorization: Basic {login}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
    )
    gate, port = gitlab._gate, int(gitlab.url.rpartition(":")[2])
    assert gate is not None
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(head.encode())
        while not gate._inside:
            threading.Event().wait(0.001)
        with pytest.raises(RuntimeError, match="still under way: POST /api/v4/projects/1/packages/pypi"):
            gitlab.snapshot()

        gitlab.restore(snapshot)

        assert not gate._inside
        assert client.recv(1) == b""
    assert gitlab.projects() == set()
    assert get(gitlab, "", gitlab.reader).status_code == 200, "the registry goes on"


def test_a_snapshot_is_good_where_it_was_taken(gitlab: GitLab) -> None:
    """Not in another registry, not in one that is not running, and nothing else is one."""
    with GitLab() as other:
        snapshot = other.snapshot()
        with pytest.raises(ValueError, match=r"is of <Registry gitlab@.*>, and cannot be restored in <Registry"):
            gitlab.restore(snapshot)
    with pytest.raises(NotRunning):
        other.restore(snapshot)
    with pytest.raises(NotRunning):
        other.snapshot()
    with pytest.raises(NotRunning):
        Registry().snapshot()
    with pytest.raises(TypeError, match=r"what registry.snapshot\(\) returned, not 'yesterday'"):
        gitlab.restore("yesterday")  # type: ignore[arg-type]
    assert repr(snapshot).startswith("<Snapshot of <Registry gitlab@")


def test_what_nobody_knows_is_no_silence(gitlab: GitLab) -> None:
    """A thing that the walk does not know is an error when the snapshot is taken, not a surprise later."""
    gitlab.world.something = memoryview(b"what?")  # type: ignore[attr-defined]

    with pytest.raises(Unforeseen, match=r"builtins\.memoryview"):
        gitlab.snapshot()

    del gitlab.world.something  # type: ignore[attr-defined]
    gitlab.snapshot()


class Slotted:
    """What has slots, one of them not filled yet."""

    __slots__ = ("filled", "later")

    def __init__(self) -> None:
        self.filled: object = "filled"


def test_things_of_every_kind() -> None:
    """Containers within containers, slots, rings: each stays itself and has again what it had."""
    slotted, ring, line = Slotted(), [1], deque([1, 2], maxlen=2)
    ring.append(ring)  # type: ignore[arg-type]
    root = {"a": (slotted, {"b": {1, 2}}), "ring": ring, "line": line}
    memento = Memento(root)

    inner = root["a"][1]["b"]  # type: ignore[index]
    inner.clear()
    del root["a"]
    ring.clear()
    line.append(3)
    slotted.filled, slotted.later = "spilt", 1  # type: ignore[attr-defined]
    memento.put_back()

    assert list(root) == ["a", "ring", "line"]
    assert root["a"][0] is slotted
    assert inner == {1, 2}
    assert ring == [1, ring]
    assert list(line) == [1, 2]
    assert slotted.filled == "filled"
    assert not hasattr(slotted, "later")

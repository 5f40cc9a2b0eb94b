"""A run leaves no thread, no socket and no file; and the application keeps to WSGI."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING
from wsgiref.validate import validator

import pytest
import requests
from werkzeug.middleware.lint import LintMiddleware
from werkzeug.test import Client, EnvironBuilder

if TYPE_CHECKING:
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication

    from pytest_pyreg import Registry

LIVES = """
import base64, gc, http.client, os, sys, tempfile, threading
from pytest_pyreg import Registry, make_wheel

BODY = b"".join(
    b'--x\\r\\nContent-Disposition: form-data; name="%b"\\r\\n\\r\\n%b\\r\\n' % (name, value)
    for name, value in ((b"name", b"demo"), (b"version", b"1"), (b'content"; filename="f.whl', b"x" * 70_000))
) + b"--x--\\r\\n"


def live() -> None:
    with Registry("gitlab@17") as registry:
        who = f"{registry.publisher.username}:{registry.publisher.secret}"
        headers = {
            "Authorization": "Basic " + base64.b64encode(who.encode()).decode(),
            "Content-Type": "multipart/form-data; boundary=x",
        }
        connection = http.client.HTTPConnection(registry.url.removeprefix("http://"), timeout=10)
        for method, address, body, status in (
            ("POST", registry.upload_url, BODY, 201),
            ("POST", registry.upload_url, BODY, 400),
            ("GET", registry.index_url + "/demo/", None, 200),
        ):
            connection.request(method, address.removeprefix(registry.url), body, headers)
            with connection.getresponse() as response:
                assert response.status == status, response.read()
                assert response.read()
        if len(sys.argv) > 1:
            leaks.append(open(os.devnull))
            threading.Thread(target=threading.Event().wait, daemon=True).start()
            tempfile.mkstemp()
        registry.env()
    connection.close()


def state() -> tuple[int, int, list[str]]:
    gc.collect()
    return threading.active_count(), len(os.listdir("/proc/self/fd")), os.listdir(tempfile.gettempdir())


leaks = []
live()
before = state()
for _ in range(200):
    live()
after = state()
assert before == after, f"{before} became {after}"
"""


def run(tmp_path: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run 200 lives of a registry in a process of their own."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", LIVES, *argv],
        env={"TMPDIR": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_200_lives_leave_nothing(tmp_path: Path) -> None:
    """Started, used and stopped 200 times: the same threads, descriptors and files as before, and no warning."""
    result = run(tmp_path)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


def test_a_leak_would_be_seen(tmp_path: Path) -> None:
    """The test above can fail: here every life leaves a descriptor, a thread and a file."""
    result = run(tmp_path, "leak")

    assert result.returncode == 1
    assert "became" in result.stderr


FORM = {"name": "demo", "version": "1", "sha256_digest": "a" * 64}
PYPI = "/api/v4/projects/1/packages/pypi"
REQUESTS = [
    ("POST", PYPI, {}),
    ("POST", PYPI, {"Authorization": ""}),
    ("POST", f"{PYPI}/simple", {}),
    ("GET", f"{PYPI}/simple", {}),
    ("HEAD", f"{PYPI}/simple", {}),
    ("GET", f"{PYPI}/simple/demo/", {}),
    ("GET", f"{PYPI}/simple/demo/", {"Authorization": ""}),
    ("GET", f"{PYPI}/simple/unknown/", {}),
    ("GET", f"{PYPI}/simple/%00/", {}),
    ("GET", f"{PYPI}/files/{'a' * 64}/memory.whl", {}),
    ("HEAD", f"{PYPI}/files/{'a' * 64}/memory.whl", {}),
    ("GET", f"{PYPI}/files/{'a' * 64}/memory.whl", {"Range": "bytes=1-2"}),
    ("GET", f"{PYPI}/files/{'a' * 64}/disk.whl", {}),
    ("HEAD", f"{PYPI}/files/{'a' * 64}/disk.whl", {"Range": "bytes=1-2"}),
    ("GET", f"{PYPI}/files/{'a' * 64}/disk.whl", {"Range": "bytes=1-2"}),
    ("GET", f"{PYPI}/files/{'a' * 64}/disk.whl", {"Range": "bytes=900000-"}),
    ("GET", "/nowhere", {}),
    ("OPTIONS", "/nowhere", {}),
    ("DELETE", PYPI, {}),
]


def checked(app: WSGIApplication, method: str = "GET") -> WSGIApplication:
    """Return the application behind the watchdogs; werkzeug's does not know that a reply to HEAD has no body."""
    return validator(app if method == "HEAD" else LintMiddleware(app))


@pytest.mark.parametrize(("method", "path", "headers"), REQUESTS)
def test_the_application_keeps_to_wsgi(registry: Registry, method: str, path: str, headers: dict[str, str]) -> None:
    """Under wsgiref's and werkzeug's watchdogs every kind of request is answered without a complaint."""
    auth = registry.publisher.username, registry.publisher.secret
    for name, size in (("memory.whl", 100), ("disk.whl", 300_000)):
        files = {"content": (name, b"x" * size)}
        requests.post(registry.upload_url, data=FORM, files=files, auth=auth, timeout=10).raise_for_status()
    data = {**FORM, "content": (io.BytesIO(b"x" * 100), "other.whl")} if method == "POST" else None
    builder = EnvironBuilder(path, method=method, data=data, auth=None if "Authorization" in headers else auth)
    builder.headers.extend({name: value for name, value in headers.items() if value})
    before = registry.log.count

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with Client(checked(registry.wsgi, method)).open(builder) as response:
            sent = len(response.get_data())

    length = int(response.headers["Content-Length"])
    assert sent == (0 if method == "HEAD" else length)
    assert registry.log.count == before + 1


def test_an_unchanged_page_keeps_to_wsgi(registry: Registry) -> None:
    """So does the answer without a body."""
    auth = registry.publisher.username, registry.publisher.secret
    client = Client(checked(registry.wsgi))
    with client.get(f"{PYPI}/simple", auth=auth) as response:
        tag = response.headers["ETag"]
        assert response.get_data()

    with client.get(f"{PYPI}/simple", auth=auth, headers={"If-None-Match": tag}) as response:
        assert (response.status_code, response.get_data()) == (304, b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_watchdogs_bite(method: str) -> None:
    """The tests above can fail."""

    def wrong(_: object, start_response: StartResponse) -> list[bytes]:
        start_response("20 OK", [])
        return []

    with pytest.raises((AssertionError, Warning), match=r"20|three digits"):
        Client(checked(wrong, method)).open("/", method=method)

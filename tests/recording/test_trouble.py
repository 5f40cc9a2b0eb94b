"""What a real index can do wrong, and what must not happen then: a hang, a traceback, a secret told."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import io
import json
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from pytest_pyreg import CommandFailed, Registry, make_wheel
from pytest_pyreg.recording import configured, fetching

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from tests.recording.conftest import Get, Serve, Use

JSON = "application/vnd.pypi.simple.v1+json"
WHEEL = make_wheel("demo", "1.0")
PLANTED = "planted-secret-0123456789"


def row(filename: str = WHEEL.name, **facts: object) -> dict[str, Any]:
    """Return a file as a page lists it."""
    return {"filename": filename, "url": f"/files/{WHEEL.name}", "hashes": {"sha256": WHEEL.sha256}, **facts}


def index(*rows: dict[str, Any], status: str = "200 OK", data: bytes = WHEEL.data) -> WSGIApplication:
    """Return an index of one project, whose files all have the same bytes."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        page = environ["PATH_INFO"].startswith("/simple/demo")
        body = json.dumps({"meta": {"api-version": "1.0"}, "name": "demo", "files": rows}).encode() if page else data
        start_response(status, [("Content-Type", JSON if page else "x/x"), ("Content-Length", str(len(body)))])
        return [body]

    return app


@pytest.fixture(name="_quick", autouse=True)
def _quick_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read what the tests here configure without asking pip, which takes a second; `test_configured` asks it."""

    def find() -> configured.Configured:
        seconds = float(os.environ.get("PIP_TIMEOUT", "15"))
        return configured.Configured((configured.parsed(os.environ["PIP_INDEX_URL"]),), timeout=seconds)

    monkeypatch.setattr(configured, "find", find)


@pytest.fixture(name="recording")
def _recording(use: Use, folder: Path) -> Iterator[Registry]:
    """A registry that records; no index is there yet."""
    del use
    with Registry("pypi") as registry:
        registry.record(folder)
        yield registry


def files(get: Get, registry: Registry) -> list[dict[str, Any]]:
    """Return the files of the project, as its page lists them."""
    answer = get(f"{registry.index_url}/demo/", Accept=JSON)
    return list(answer.json()["files"]) if answer.status_code == 200 else []


def everything(folder: Path) -> bytes:
    """Return all bytes of all files below a folder, and their names."""
    return b"\n".join(str(path).encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file())


# -- the index fails ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("500 Internal Server Error", "answered 500"),
        ("403 Forbidden", "answered 403: it wants another login; put it into pip's index URL, or into a .netrc"),
        ("204 No Content", "answered 204"),
    ],
)
def test_an_error_of_the_index_is_told(
    recording: Registry, use: Use, serve: Serve, get: Get, folder: Path, status: str, words: str
) -> None:
    """A 502 whose explanation says who answered what; the next request asks again."""
    base = serve(index(row(), status=status))
    use(f"{base}/simple")

    answer = get(f"{recording.index_url}/demo/")

    assert (answer.status_code, answer.reason) == (502, "Cannot Be Recorded")
    why = f"it was to be recorded and could not: the index that pip is configured for, {base}, {words}"
    assert (recording.log[0].why, recording.log[0].refusal) == (why, "SOURCE_FAILED")
    assert answer.text == f"pytest-pyreg: {why}\n"
    assert not folder.exists()


def test_an_index_that_is_not_there_is_told(recording: Registry, get: Get) -> None:
    """No connection."""
    assert get(f"{recording.index_url}/demo/").status_code == 502
    assert "http://127.0.0.1:9, could not be reached" in recording.log[0].why


def dripping(*pieces: tuple[bytes, float]) -> str:
    """Serve one connection: pieces of an answer, each with a pause behind it; return where."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with server, contextlib.suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                for piece, seconds in pieces:
                    connection.sendall(piece)
                    time.sleep(seconds)

    threading.Thread(target=run, daemon=True).start()
    return f"http://127.0.0.1:{server.getsockname()[1]}/simple"


HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON}\r\nContent-Length: 1000\r\n\r\n".encode()


@pytest.mark.parametrize("head", [b"", HEAD], ids=["head", "body"])
def test_an_index_that_says_nothing_is_given_up(
    recording: Registry, use: Use, get: Get, monkeypatch: pytest.MonkeyPatch, head: bytes
) -> None:
    """After the time that pip itself would wait."""
    monkeypatch.setenv("PIP_TIMEOUT", "1")
    use(dripping((head, 3.0)))
    started = time.monotonic()

    assert get(f"{recording.index_url}/demo/").status_code == 502

    assert time.monotonic() - started < 2.9
    assert "said nothing for 1 seconds" in recording.log[-1].why


def test_an_index_that_drips_is_given_up(
    recording: Registry, use: Use, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never says nothing for long, and would never be done."""
    monkeypatch.setattr(fetching, "PAGE_SECONDS", 0.5)
    use(dripping((HEAD, 0.1), *[(b" ", 0.1)] * 30))
    started = time.monotonic()

    assert get(f"{recording.index_url}/demo/").status_code == 502

    assert time.monotonic() - started < 2.5
    assert "was not done after 0.5 seconds" in recording.log[-1].why


def test_an_answer_that_breaks_off_is_told(recording: Registry, use: Use, get: Get, folder: Path) -> None:
    """Half a page is none."""
    use(dripping((HEAD, 0.0), (b'{"files": []}', 0.0)))

    assert get(f"{recording.index_url}/demo/").status_code == 502
    assert not folder.exists()


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"<html>", "image/png", "sent no page of a project: it is image/png, neither JSON nor HTML"),
        (b"", "", "neither JSON nor HTML"),
        (b"{", JSON, "it is no JSON"),
        (b"[" * 100_000, JSON, "it is no JSON"),
        (b"[]", JSON, "it has no list of files"),
        (b'{"files": [1]}', JSON, "it has no list of files"),
    ],
    ids=["an image", "nothing", "half", "deep", "a list", "numbers"],
)
def test_what_is_no_page_is_refused(
    recording: Registry, use: Use, serve: Serve, get: Get, body: bytes, kind: str, words: str
) -> None:
    """And not recorded."""

    def app(_: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", kind)] if kind else [])
        return [body]

    use(f"{serve(app)}/simple")

    assert get(f"{recording.index_url}/demo/").status_code == 502
    assert words in recording.log[0].why


def test_too_much_is_refused(
    recording: Registry, use: Use, serve: Serve, get: Get, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is larger than its page says, and a page that never ends."""
    use(f"{serve(index(row(size=10)))}/simple")
    (file,) = files(get, recording)
    assert get(file["url"]).status_code == 502
    assert "sent more than 10 bytes" in recording.log[-1].why
    assert {path.name for path in (folder / "demo").iterdir()} == {"page.json"}

    monkeypatch.setattr(fetching, "PAGE_BYTES", 10)
    assert get(f"{recording.index_url}/other/").status_code == 502
    assert "sent more than 10 bytes" in recording.log[-1].why


def test_a_file_with_another_digest_is_thrown_away(
    recording: Registry, use: Use, serve: Serve, get: Get, folder: Path
) -> None:
    """Neither served nor kept; so is metadata."""
    listed = {**row(), "core-metadata": {"sha256": "0" * 64}}
    use(f"{serve(index(listed, data=b'x' * len(WHEEL.data)))}/simple")
    (file,) = files(get, recording)

    for url in (file["url"], f"{file['url']}.metadata"):
        assert get(url).status_code == 502
        assert "came with another sha256 than its page says, and was thrown away" in recording.log[-1].why
    assert {path.name for path in (folder / "demo").iterdir()} == {"page.json"}


def test_a_file_that_is_gone_is_told(recording: Registry, use: Use, serve: Serve, get: Get, folder: Path) -> None:
    """A page that was recorded earlier, and an index that has another file of that name now."""
    use(f"{serve(index(row()))}/simple")
    assert files(get, recording)
    use(f"{serve(index(row(hashes={'sha256': '1' * 64})))}/simple")
    with Registry("pypi") as later:
        later.record(folder)
        (file,) = files(get, later)

        assert get(file["url"]).status_code == 502
        assert f"has no {WHEEL.name} with that sha256 now" in later.log[-1].why


# -- the recording was changed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [WHEEL.name, "page.json"])
def test_a_recording_that_was_changed_is_told(
    recording: Registry, use: Use, serve: Serve, get: Get, folder: Path, name: str
) -> None:
    """A file with other bytes, or a page that is none: a 502 that names it."""
    use(f"{serve(index(row()))}/simple")
    (file,) = files(get, recording)
    assert get(file["url"]).content == WHEEL.data
    (folder / "demo" / name).write_bytes(b"{")

    with Registry("pypi") as later:
        later.replay(folder)
        url = file["url"].replace(recording.url, later.url)
        answers = [get(f"{later.index_url}/demo/"), get(url)]

        assert 502 in {answer.status_code for answer in answers}
        assert any(f"demo/{name} in the recording is not what was recorded" in each.why for each in later.log)
    assert WHEEL.data not in [answer.content for answer in answers]


# -- evil pages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("../../evil-1.0-py3-none-any.whl", "/demo-1.0-py3-none-any.whl", "..\\demo-1.0-py3-none-any.whl"),
        *("demo-1.0/../../x-1.0.tar.gz", ".demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl\0.txt", "page.json", ".lock"),
        *("other-1.0-py3-none-any.whl", "demo.whl", "demo-1.0.egg", "", "..", f"demo-{'1' * 300}.tar.gz"),
    ],
)
@pytest.mark.parametrize("html", [False, True], ids=["json", "html"])
def test_evil_names_are_left_out(
    recording: Registry, use: Use, serve: Serve, get: Get, tmp_path: Path, name: str, html: bool
) -> None:
    """The good file beside them is there; nothing is written outside the project's folder."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not html:
            return index(row(name), row())(environ, start_response)
        start_response("200 OK", [("Content-Type", "text/html")])
        links = [f'<a href="/x/{each}#sha256={WHEEL.sha256}">x</a>' for each in (name.replace("/", "%2F"), WHEEL.name)]
        return ["".join(links).encode()]

    use(f"{serve(app)}/simple")

    assert [file["filename"] for file in files(get, recording)] == [WHEEL.name]
    assert "1 of its files were left out" in recording.log[-1].why
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert {str(path) for path in written} == {"upstream/demo/page.json", "upstream/.lock"}


@pytest.mark.parametrize("name", ["..", "%2e%2e", "..%2f..%2fevil", "%2Ftmp", "a%00b", ".lock", "%C3%A9", "x" * 300])
def test_evil_projects_are_nowhere(recording: Registry, use: Use, serve: Serve, folder: Path, name: str) -> None:
    """Names that are none of a project are asked of nobody."""
    asked: list[str] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked.append(environ["PATH_INFO"])
        return index(row())(environ, start_response)

    use(f"{serve(app)}/simple")
    connection = http.client.HTTPConnection("127.0.0.1", int(recording.url.rpartition(":")[2]), timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", f"/simple/{name}/")  # As it is: other clients tidy addresses up.

        assert connection.getresponse().status in {400, 404}
    assert not asked
    assert not folder.exists()


def test_files_of_other_places_are_not_read(
    recording: Registry, use: Use, serve: Serve, get: Get, tmp_path: Path
) -> None:
    """An address that is none of HTTP leads nowhere."""
    secret = tmp_path / "secret"
    secret.write_bytes(WHEEL.data)
    use(f"{serve(index(row(url=secret.as_uri())))}/simple")
    (file,) = files(get, recording)

    assert get(file["url"]).status_code == 502
    assert "not reached by http or https" in recording.log[-1].why


def test_files_without_a_digest_are_left_out(recording: Registry, use: Use, serve: Serve, get: Get) -> None:
    """Nobody could tell whether they are what they were."""
    use(f"{serve(index(row(hashes={'md5': '0' * 32}), row(hashes={'sha256': 'x'})))}/simple")

    assert get(f"{recording.index_url}/demo/").status_code == 404
    assert "2 of its files were left out: no wheel, no sdist, or without a sha256" in recording.log[-1].why


# -- secrets -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{0}:{1}@", "{1}@", "{1}:@"])
@pytest.mark.parametrize("fails", ["", "page", "file", "everything"])
def test_credentials_stay_where_they_are(
    use: Use, serve: Serve, get: Get, folder: Path, capfd: pytest.CaptureFixture[str], form: str, fails: str
) -> None:
    """They go to the index and nowhere else: not into the folder, the logs, the reports, or what clients are told."""
    seen: dict[str, str] = {}

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        kind = "page" if "simple" in environ["PATH_INFO"] else "file"
        seen[kind] = environ.get("HTTP_AUTHORIZATION", "")
        status = f"500 {PLANTED}" if kind == fails else "200 OK"
        return index(row(), status=status)(environ, start_response)

    base = serve(app) if fails != "everything" else "http://127.0.0.1:9"
    use(base.replace("://", "://" + form.format("planted", PLANTED)) + f"/{PLANTED}/simple")
    if fails == "everything":
        use(f"http://planted:{PLANTED}@127.0.0.1:9/{PLANTED}/simple")

    told = []
    with Registry("gitlab@17", upstream=folder, record=True) as registry:
        try:
            registry.install("demo")
        except CommandFailed as error:
            told.append(str(error))
        told += [get(f"{registry.upstream.index_url}/demo/").text, registry.report(), str(registry.upstream.log)]
        told += [repr(list(registry.upstream.log)), registry.upstream.report(), *capfd.readouterr()]
        told.append(registry.upstream.redacted(f"of no use: {PLANTED}"))

    assert PLANTED not in "".join(told)
    assert PLANTED.encode() not in everything(folder.parent / "upstream")
    if fails != "everything":
        assert seen["page"].startswith("Basic ")


def test_credentials_go_to_no_other_host(recording: Registry, use: Use, serve: Serve, get: Get) -> None:
    """Files may be elsewhere, and pages send on: the login stays with the index's own host and port."""
    seen: list[tuple[str, str]] = []

    def elsewhere(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        seen.append((environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")))
        return index(row())(environ, start_response)

    other = serve(elsewhere)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        assert environ["HTTP_AUTHORIZATION"]
        start_response("302 Found", [("Location", other + environ["PATH_INFO"])])
        return []

    use(f"{serve(app)}/simple".replace("://", f"://planted:{PLANTED}@"))
    (file,) = files(get, recording)

    assert get(file["url"]).content == WHEEL.data
    assert seen == [("/simple/demo/", ""), (f"/files/{WHEEL.name}", "")]


# -- the disk ----------------------------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_written_is_told(
    recording: Registry, use: Use, serve: Serve, get: Get, folder: Path
) -> None:
    """Here something else is where the folder should be."""
    folder.write_text("a file")
    use(f"{serve(index(row()))}/simple")

    assert get(f"{recording.index_url}/demo/").status_code == 502
    assert "in the recording is not" in recording.log[0].why or "cannot be written" in recording.log[0].why


def test_large_files_are_not_held_in_memory(recording: Registry, use: Use, serve: Serve, get: Get) -> None:
    """They pass through in blocks."""
    data = bytes(5 * 1024 * 1024)
    digest = hashlib.sha256(data).hexdigest()
    use(f"{serve(index(row(hashes={'sha256': digest}, size=len(data)), data=data))}/simple")
    (file,) = files(get, recording)

    answer = get(file["url"], Range="bytes=0-9")

    assert (answer.status_code, answer.content) == (206, bytes(10))
    assert io.BytesIO(get(file["url"]).content).read() == data


def test_a_client_is_told_what_upstream_saw(use: Use, serve: Serve, folder: Path) -> None:
    """The error of a client that was sent on says what went wrong there; one that was not says nothing of it."""
    use(f"{serve(index(row(), status='403 Forbidden'))}/simple")
    with Registry("gitlab@17", upstream=folder, record=True) as registry:
        with pytest.raises(CommandFailed) as sent_on:
            registry.install("demo")
        with pytest.raises(CommandFailed) as here:
            registry.upload(WHEEL, credential=registry.stranger)

    assert "502 Cannot Be Recorded" in str(sent_on.value).partition("upstream saw:")[2]
    assert [exchange.status for exchange in sent_on.value.upstream][:1] == [502]
    assert "upstream saw" not in str(here.value)

"""`tools/compare_live.py` as a person calls it: what a mistake says, and what is left in a server that refuses."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import create_server
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

TOOL = Path(__file__).parents[2] / "tools" / "compare_live.py"
NOWHERE = "http://127.0.0.1:9"
GOOD = (NOWHERE, "gitea@1.23", "--admin", "root:secret")
"""Arguments that are right; nobody listens there."""


def called(*arguments: str) -> tuple[int, str, str]:
    """Call the tool; return its exit code and what it printed."""
    # The tool's modules lie beside it, where a safe path does not look.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    command = [sys.executable, str(TOOL), *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Fake:
    """Something that answers as far as it is told, and remembers what it was asked."""

    def __init__(self, answers: dict[str, tuple[int, object]]) -> None:
        self.asked: list[str] = []
        self.answers = answers
        self.url = ""


@contextmanager
def served(answers: dict[str, tuple[int, object]]) -> Iterator[Fake]:
    """Run a server that answers these requests so (by method and path without the names' prefix), and no others."""
    fake = Fake(answers)

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = self.path.removeprefix("/api/v1")
            path = "/".join(part.partition("-")[2] or part for part in path.split("/"))
            fake.asked.append(f"{self.command} {path}")
            status, told = fake.answers.get(f"{self.command} {path}", (404, {}))
            if self.headers["Authorization"] != f"Basic {base64.b64encode(b'root:secret').decode()}":
                status, told = 401, {}
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - the server's names.

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (GOOD, "nobody answers at http://127.0.0.1:9; a running Gitea or Forgejo is expected; see whether it listens"),
        (("http://nobody.invalid", *GOOD[1:]), "the host 'nobody.invalid' is not known; try an address"),
        (("ftp://x", *GOOD[1:]), "a URL is http://HOST:PORT without a path, such as http://127.0.0.1:3000, not 'ftp:"),
        (("http://127.0.0.1:x", *GOOD[1:]), "not 'http://127.0.0.1:x'"),
        (("http://127.0.0.1:3000/git", *GOOD[1:]), "without a path"),
        (("http://[::1", *GOOD[1:]), "not 'http://[::1'"),
        ((NOWHERE, "giteaa", *GOOD[2:]), "there is no flavour 'giteaa'; "),
        ((NOWHERE, "gitea@1.16", *GOOD[2:]), "gitea@1.16 is too old"),
        ((NOWHERE, "gitlab@17", *GOOD[2:]), "only gitea and forgejo can be compared, not 'gitlab@17'; try 'gitea@"),
        ((*GOOD[:3], "root"), "a name and a password with a colon between them are expected: root:secret"),
        ((*GOOD[:3], ":secret"), "a name and a password with a colon between them are expected"),
        (GOOD[:2], "the following arguments are required: --admin"),
        ((*GOOD, "--requests", "-3"), "--requests: a whole number from 1 on is expected, not '-3'"),
        ((*GOOD, "--requests", "0"), "--requests: a whole number from 1 on is expected, not '0'"),
        ((*GOOD, "--every", "0"), "--every: a whole number from 1 on is expected, not '0'"),
        ((*GOOD, "--record", "/nowhere/at/all.json"), "cannot be written: No such file or directory; try a file in a"),
        ((*GOOD, "--record", "/"), "'/' cannot be written: Is a directory"),
        ((*GOOD, "--only", "pages"), "'pages' is not a group; did you mean 'page'? there are: page, file, method,"),
        ((*GOOD, "--only", ""), "'' is not a group; there are: page, file"),
    ],
)
def test_a_mistake_is_one_line(arguments: tuple[str, ...], words: str) -> None:
    """What happened, what is expected, what to try; no traceback, and the code of a wrong call."""
    code, out, err = called(*arguments)

    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("compare_live: ")
    assert words in err


def test_an_operation_that_there_is_not() -> None:
    """Those that there are stand below, one a line: there are hundreds, with commas in them."""
    code, out, err = called(*GOOD, "--only", "upload", "--without", "wrong digets")

    assert (code, out) == (2, "")
    first, *listed = err.splitlines()
    assert first.endswith("'wrong digets' is not an operation; did you mean 'wrong digest'? there are: ")
    assert "  wrong digest" in listed
    assert "  owner in capitals" not in listed  # Of another group.
    assert "Traceback" not in err


def test_help_names_the_groups() -> None:
    """So that nobody has to guess."""
    code, out, _ = called("--help")

    assert code == 0
    assert "page, file, method, unknown, upload, list, rest, change, instance" in " ".join(out.split())


def test_a_record_that_can_be_written_is_not_made_before_there_is_one(tmp_path: Path) -> None:
    """Trying the file leaves none, and one that is there as it was."""
    old = tmp_path / "old.json"
    old.write_text("old", encoding="utf-8")

    for name in ("old.json", "new.json"):
        assert "nobody answers" in called(*GOOD, "--record", str(tmp_path / name))[2]
    assert [path.name for path in tmp_path.iterdir()] == ["old.json"]
    assert old.read_text(encoding="utf-8") == "old"


VERSION, ADMIN = (200, {"version": "1.23.0"}), (200, {"login": "root", "is_admin": True})


@pytest.mark.parametrize(
    ("password", "answers", "words"),
    [
        ("wrong", {"GET /version": VERSION, "GET /user": ADMIN}, "refuses the name and password of 'root' (401)"),
        ("secret", {"GET /version": VERSION, "GET /user": (200, {"is_admin": False})}, "'root' is no administrator"),
        ("secret", {}, "/api/v1/version answers 404, not with a version; a Gitea or Forgejo is expected; try its root"),
        ("secret", {"GET /version": (200, ["x"]), "GET /user": ADMIN}, "answers 200, not with a version"),
    ],
)
def test_a_server_that_will_not_do(password: str, answers: dict[str, tuple[int, object]], words: str) -> None:
    """It is asked who it is, and who the administrator is, before anything is changed there."""
    with served(answers) as fake:
        code, out, err = called(fake.url, "gitea@1.23", "--admin", f"root:{password}")

    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert words in err
    assert fake.asked == ["GET /version", "GET /user"]


@pytest.mark.parametrize("keep", [(), ("--keep",)], ids=["removed", "kept"])
def test_nothing_is_left_behind(keep: tuple[str, ...]) -> None:
    """Packages, repositories, organisations, then people, even if the server refused half-way; unless it is told so."""
    package = {"type": "pypi", "name": "a/b", "version": "1.0+x"}
    answers: dict[str, tuple[int, object]] = {
        "GET /version": VERSION,
        "GET /user": ADMIN,
        "POST /admin/users": (422, {"message": "no"}),
        "GET /packages/opub?limit=50&page=1": (200, [package]),
        "GET /packages/opub?limit=50&page=2": (200, []),
        "DELETE /packages/opub/pypi/a%2Fb/1.0%2Bx": (204, None),
        "DELETE /orgs/olim": (500, {"message": "still\nfull"}),
    }

    with served(answers) as fake:
        code, out, err = called(*(fake.url, *GOOD[1:]), *keep)

    assert (code, out) == (2, "")
    assert 'the live server refused what the world needs: POST /admin/users: 422 {"message": "no"}' in err
    deleted = [one.removeprefix("DELETE ") for one in fake.asked if one.startswith("DELETE ")]
    if keep:
        assert deleted == []
        return
    assert deleted[0] == "/packages/opub/pypi/a%2Fb/1.0%2Bx"
    wanted = ["/repos/opub/repo1", "/orgs/opub", "/admin/users/pub?purge=true", "/admin/users/new?purge=true"]
    assert [path for path in deleted if path in wanted] == wanted
    assert "olim could not be deleted: 500" in err
    assert err.count("\n") == 2


def test_a_server_that_says_nothing() -> None:
    """One that takes connections and hangs up is nobody."""
    with closing(create_server(("127.0.0.1", 0))) as listening:
        listening.settimeout(30)

        def hang_up() -> None:
            listening.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        code, _, err = called(f"http://127.0.0.1:{listening.getsockname()[1]}", *GOOD[1:])
        thread.join()

    assert code == 2
    assert "nobody answers" in err

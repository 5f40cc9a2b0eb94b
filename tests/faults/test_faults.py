"""Which requests meet which fault, and what a fault that none met says."""

from __future__ import annotations

import http.client
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests
from werkzeug.test import Client

from pytest_pyreg import ANONYMOUS, CommandFailed, FaultNeverFired, Registry, make_sdist, make_wheel
from pytest_pyreg.faulting import NeedsConnection
from tests.pypi.installed import OF_TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

WHEEL, SDIST = make_wheel("demo", "1.0"), make_sdist("demo", "1.0")


@pytest.fixture(name="index")
def _index() -> Iterator[Registry]:
    """The smallest registry, without a check at its end."""
    registry = Registry("pep503").start()
    registry.add(WHEEL, SDIST)
    yield registry
    registry.stop()


def get(registry: Registry, path: str = "/simple/demo", method: str = "GET") -> tuple[int, bytes]:
    """Ask over a connection of its own; return status and body."""
    address = urlsplit(registry.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def statuses(registry: Registry, *paths: str) -> list[int]:
    """Return how each of these is answered, one after the other."""
    return [get(registry, path)[0] for path in paths]


PAGE, LIST = "/simple/demo", "/simple"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [503, 200, 200, 200]),
        ({"nth": 2}, [200, 503, 200, 200]),
        ({"nth": 2, "times": 2}, [200, 503, 503, 200]),
        ({"nth": 3, "times": None}, [200, 200, 503, 503]),
        ({"times": None}, [503, 503, 503, 503]),
    ],
)
def test_from_when_on_and_how_often(index: Registry, options: dict[str, Any], expected: list[int]) -> None:
    """`nth` says from when on, `times` how often; other requests between them do not count."""
    index.faults.on("project page", **options).reply(503)

    assert [code for _ in range(4) for code in statuses(index, LIST, PAGE)[1:]] == expected
    index.faults.check()


def test_faults_of_one_request_come_one_after_the_other(index: Registry) -> None:
    """In the order in which they were told; each counts by itself."""
    index.faults.on("project page").reply(500)
    index.faults.on("project page").reply(502)
    index.faults.on("project page", nth=4).reply(504)

    assert statuses(index, PAGE, PAGE, PAGE, PAGE, PAGE) == [500, 502, 200, 504, 200]


@pytest.mark.parametrize(
    ("options", "hit", "missed"),
    [
        ({"path": "/simple/de*"}, PAGE, LIST),
        ({"path": "/simple"}, LIST, PAGE),
        ({"method": "get"}, PAGE, None),
        ({"project": "DE_MO"}, "/simple/de-mo", PAGE),
        ({"project": "de*"}, PAGE, LIST),
        ({"filename": "*.whl"}, f"/files/{WHEEL.sha256}/{WHEEL.name}", f"/files/{SDIST.sha256}/{SDIST.name}"),
        ({"project": "demo"}, f"/files/{SDIST.sha256}/{SDIST.name}", LIST),
        ({"project": "demo", "filename": "*.whl"}, f"/files/{WHEEL.sha256}/{WHEEL.name}", PAGE),
        ({}, "/nowhere", None),
    ],
)
def test_which_requests(index: Registry, options: dict[str, Any], hit: str, missed: str | None) -> None:
    """By method, path, project and file; a file's project is in its name where its address does not have it."""
    index.faults.on("any", **options, times=None).reply(418)

    assert get(index, hit)[0] == 418
    if missed is not None:
        assert get(index, missed)[0] == 200


def test_what_is_said_instead(index: Registry) -> None:
    """Status, words, headers and body are as they were told, and HEAD has no body."""
    index.faults.on("project page", times=2).reply(
        503, retry_after=7, reason="Tea", body=json.dumps({"tea": True}), headers={"Content-Type": "application/json"}
    )

    told = Client(index.wsgi).get(PAGE)
    head = Client(index.wsgi).head(PAGE)

    assert (told.status, told.headers["Retry-After"], told.json) == ("503 Tea", "7", {"tea": True})
    assert (head.status, head.data, head.headers["Content-Length"]) == ("503 Tea", b"", "13")
    assert get(index)[0] == 200


def test_a_reply_without_a_body(index: Registry) -> None:
    """204 and 304 have none, whatever is told."""
    index.faults.on("any").reply(204, body="no")

    assert get(index) == (204, b"")


def test_the_reply_explains_itself(index: Registry) -> None:
    """Unless it is told what to say."""
    index.faults.on("any").reply(413)

    assert get(index) == (413, b"413 Content Too Large (because of a fault: on('any').reply(413))\n")


@pytest.mark.parametrize("path", [PAGE, f"/files/{WHEEL.sha256}/{WHEEL.name}"])
def test_a_body_is_cut_off(index: Registry, path: str) -> None:
    """It says how long it would have been, sends its beginning, and the connection ends."""
    whole = get(index, path)[1]
    index.faults.on("any").truncate(20)

    with pytest.raises(http.client.IncompleteRead) as caught:
        get(index, path)

    assert caught.value.partial == whole[:20]
    assert caught.value.expected == len(whole) - 20
    assert get(index, path)[1] == whole


def test_nothing_is_left_to_cut_off(index: Registry) -> None:
    """A body that is no longer than that is sent as it is, and the fault has not fired: it waits for another."""
    fault = index.faults.on("any").truncate(10_000)

    assert get(index)[0] == 200
    assert fault.fired == 0
    with pytest.raises(FaultNeverFired, match=r"a reply's body had \d+ bytes, so nothing was left to cut off"):
        index.faults.check()


def test_a_reset_is_no_hang_up(index: Registry) -> None:
    """The one is an error of the connection, the other its end."""
    index.faults.on("any").reset()
    index.faults.on("any").hang_up()

    with pytest.raises(ConnectionResetError, match="reset by peer"):
        get(index)
    with pytest.raises(http.client.RemoteDisconnected):
        get(index)
    assert get(index)[0] == 200
    assert [exchange.status for exchange in index.log] == [0, 0, 200]


@pytest.mark.parametrize("deed", ["reset", "hang_up", "lose_reply"])
def test_without_a_connection(index: Registry, deed: str) -> None:
    """What only a connection can do is refused where there is none, and the log says why."""
    getattr(index.faults.on("any"), deed)()

    with pytest.raises(NeedsConnection, match=r"send it to registry\.url, or try reply"):
        Client(index.wsgi).get(PAGE)

    assert index.log[0].why == f"of a fault: on('any').{deed}()"


def test_several_clients_at_once(index: Registry) -> None:
    """Exactly as many as was told meet the fault."""
    fault = index.faults.on("project page", nth=5, times=10).reply(503)
    together = threading.Barrier(8)

    def ask(_: int) -> list[int]:
        together.wait()
        return statuses(index, *[PAGE] * 5)

    with ThreadPoolExecutor(8) as pool:
        answers = [code for codes in pool.map(ask, range(8)) for code in codes]

    assert (answers.count(503), answers.count(200)) == (10, 30)
    assert (fault.met, fault.fired) == (40, 10)


@pytest.mark.parametrize("told_first", ["file", "any"])
def test_the_order_holds_between_a_file_and_any(told_first: str) -> None:
    """A fault that has to wait for the form is not overtaken by one that was told later."""
    with Registry("gitlab@17") as registry:
        told = {
            "file": lambda: registry.faults.on("upload", filename="*.whl").reply(400, reason="File"),
            "any": lambda: registry.faults.on("upload").reply(400, reason="Any"),
        }
        for name in sorted(told, key=lambda name: name != told_first):
            told[name]()

        for _ in range(2):
            with pytest.raises(CommandFailed):
                registry.upload(WHEEL)

        assert [exchange.reason.lower() for exchange in registry.log] == sorted(
            told, key=lambda name: name != told_first
        )


def test_an_upload_that_is_refused_before_its_form_is_read() -> None:
    """A fault of one file does not meet it, since nobody knows its file; one of all uploads does."""
    with Registry("gitlab@17") as registry:
        of_file = registry.faults.on("upload", filename="*.whl").reply(400)
        of_all = registry.faults.on("upload", times=None).reply(409)

        with pytest.raises(CommandFailed, match="409"):
            registry.upload(WHEEL, credential=registry.stranger)

        assert (of_file.fired, of_all.fired) == (0, 1)
        assert registry.run("true", credential=ANONYMOUS).returncode == 0
        registry.faults.clear()


# -- what never fired --------------------------------------------------------------------------------------------------


def test_a_fault_that_never_fired(index: Registry) -> None:
    """The error has the fault as it was told, and the requests that came, the nearest first, each with what differs."""
    get(index)
    index.faults.on("project page", nth=2, project="demo").reply(503, retry_after=1)
    statuses(index, LIST, "/simple/other", PAGE, "/nowhere")

    with pytest.raises(FaultNeverFired) as caught:
        index.faults.check()

    first, second, *requests = str(caught.value).splitlines()
    assert first == (
        "a fault never fired: on('project page', nth=2, project='demo').reply(503, retry_after=1); "
        "it begins with request number 2, and 1 like it came"
    )
    assert second == "requests that came, those most like it first:"
    assert [re.sub(r" +\[.*|-> ", "", line).strip() for line in requests] == [
        "GET /simple/demo 200 OK",
        "GET /simple/demo 200 OK",
        "not meant: it came before the fault was told",
        "GET /simple/other 404 Not Found",
        "not meant: its project is 'other'",
        "GET /simple 200 OK",
        "not meant: its action is 'project list', it names no project",
        "GET /nowhere 404 Not Found",
        "not meant: its address leads nowhere, it names no project",
    ]


def test_a_fault_that_was_cleared(index: Registry) -> None:
    """It is forgotten: nothing happens, and nothing is missed."""
    index.faults.on("project page").reply(503)
    index.faults.clear()

    assert get(index)[0] == 200
    index.faults.check()


def test_a_fault_without_a_deed(index: Registry) -> None:
    """Saying only which requests are meant is a mistake."""
    index.faults.on("project page")

    with pytest.raises(FaultNeverFired, match=r"on\('project page'\) does not say what happens; add \.reply\(503\)"):
        index.faults.check()


def test_the_end_of_a_block() -> None:
    """It checks; an error of the block's own says more, and is the one that is heard; the registry stops anyway."""
    with pytest.raises(FaultNeverFired), Registry("pep503") as first:
        first.faults.on("upload").reset()
    with pytest.raises(ValueError, match="its own"), Registry("pep503") as second:  # noqa: PT012 - a block is the matter.
        second.faults.on("upload").reset()
        raise ValueError("its own")

    assert all("not running" in repr(registry) for registry in (first, second))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda f: f.on("uplaod"), "pep503@1 has no action 'uplaod'; there are: download, project list, project page"),
        (lambda f: f.on("upload", nth=0), "nth is a whole number from 1 on, not 0"),
        (
            lambda f: f.on("upload", times=True),
            "times is a whole number from 1 on, or None for all that come, not True",
        ),
        (lambda f: f.on("upload", project=""), "project is a text"),
        (lambda f: f.on("upload", filename=WHEEL), "filename is a text"),
        (lambda f: f.on("upload").reply(99), "a status is a number from 200 to 599, not 99"),
        (lambda f: f.on("upload").reply("503"), "a status is a number"),
        (lambda f: f.on("upload").reply(503, retry_after=-1), "retry_after is a whole number from 0 on"),
        (lambda f: f.on("upload").reply(503, body={}), "a body is text or bytes"),
        (lambda f: f.on("upload").reply(503, reason="a\r\nb"), "the head of a reply is lines of plain text"),
        (lambda f: f.on("upload").reply(503, headers={"Content-Length": "3"}), "try truncate"),
        (lambda f: f.on("upload").delay(-1), "a delay is a number of seconds, not -1"),
        (lambda f: f.on("upload").delay("1"), "a delay is a number of seconds, not '1'"),
        (lambda f: f.on("upload").truncate(0.5), "bytes is a whole number from 0 on"),
        (lambda f: f.on("upload").lose_reply(reason="x"), "say its status too"),
    ],
)
def test_mistakes(index: Registry, call: Any, said: str) -> None:  # noqa: ANN401 - wrong on purpose.
    """Each is an error where it is made."""
    with pytest.raises(ValueError, match=re.escape(said)):
        call(index.faults)


@OF_TODAY
@pytest.mark.parametrize(
    ("deed", "arguments"), [("reset", ()), ("hang_up", ()), ("truncate", (20,)), ("reply", (503,))]
)
def test_over_tls(deed: str, arguments: tuple[int, ...]) -> None:
    """A connection that speaks TLS ends in the same ways; the next one works."""
    with Registry("pep503", tls=True) as registry:
        registry.add(WHEEL)
        getattr(registry.faults.on("project page"), deed)(*arguments)
        address = f"{registry.url}{PAGE}"

        with requests.Session() as session:
            session.verify = str(registry.ca)
            session.trust_env = False
            if deed == "reply":
                assert session.get(address, timeout=10).status_code == 503
            else:
                with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
                    session.get(address, timeout=10)
            assert session.get(address, timeout=10).status_code == 200

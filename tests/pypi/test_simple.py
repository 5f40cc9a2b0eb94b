"""The simple index, byte for byte, in every form, and what else its addresses answer."""

from __future__ import annotations

import gzip
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from pytest_pyreg import Registry, make_sdist, make_wheel
from pytest_pyreg.flavours.pypi.page_facts import PageFacts
from pytest_pyreg.model import Keys, Upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.test import TestResponse

    from pytest_pyreg.flavours.pypi.world import PyPIWorld

    Ask = Callable[..., TestResponse]
    Opened = Callable[..., Registry]

HTML, V1_HTML, V1_JSON = "text/html", "application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.v1+json"
OLDEST = PageFacts(
    api_version="1.0", details=False, metadata_keys=(), provenance=False, status=False, serials=False, language=False
)


@pytest.fixture(name="demo")
def _demo(index: Registry) -> Registry:
    """An index with a wheel."""
    index.add(make_wheel("demo", "1.0"))
    return index


def page_of(registry: Registry, path: str, accept: str = "") -> str:
    """Return a page as text."""
    response = Client(registry.wsgi).get(path, headers={"Accept": accept} if accept else {})
    assert response.status_code == 200
    return response.text


def one(registry: Registry, project: str, filename: str) -> tuple[str, str, str]:
    """Return where a file is, its digest and that of its metadata."""
    page = registry._index.page([registry.namespace], project)  # type: ignore[arg-type]
    assert page is not None
    file = next(file for release in page.releases for file in release.files if file.filename == filename)
    blake2 = file.hashes["blake2_256"]
    path = f"/packages/{blake2[:2]}/{blake2[2:4]}/{blake2[4:]}/{filename}"
    return registry.url + path, file.hashes["sha256"], file.facts.get("metadata_sha256", "")


# -- bytes -------------------------------------------------------------------------------------------------------------


def test_a_project_as_html(index: Registry, world: PyPIWorld) -> None:
    """warehouse/templates/api/simple/detail.html, rendered."""
    index.add(make_wheel("Foo.Bar", "1.9", requires_python=">=3.8"), make_sdist("Foo.Bar", "1.10"))
    index.yank("foo-bar", "1.9", 'bad "q" <x>')
    wheel, wheel_sha256, metadata = one(index, "foo-bar", "foo_bar-1.9-py3-none-any.whl")
    sdist, sdist_sha256, _ = one(index, "foo-bar", "foo_bar-1.10.tar.gz")
    world.project("foo-bar").archive()

    assert page_of(index, "/simple/foo-bar/") == (
        '<!DOCTYPE html>\n<html lang="en">\n  <head>\n    <meta name="pypi:repository-version" content="1.4">\n'
        '<meta name="pypi:project-status" content="archived">    <title>Links for foo-bar</title>\n  </head>\n'
        "  <body>\n    <h1>Links for foo-bar</h1>\n"
        f'<a href="{wheel}#sha256={wheel_sha256}" data-requires-python="&gt;=3.8" '
        'data-yanked="bad &#34;q&#34; &lt;x&gt;" '
        f'data-dist-info-metadata="sha256={metadata}" data-core-metadata="sha256={metadata}">'
        "foo_bar-1.9-py3-none-any.whl</a><br />\n"
        f'<a href="{sdist}#sha256={sdist_sha256}" >foo_bar-1.10.tar.gz</a><br />\n'
        f"</body>\n</html>\n<!--SERIAL {index._index.serial(index.namespace)}-->"
    )


def test_a_project_as_html_in_2022(opened: Opened) -> None:
    """Before metadata, provenance and standing were told."""
    registry = opened(OLDEST)
    registry.add(make_wheel("demo", "1.0", requires_python=">=3.8"))
    registry.yank("demo", "1.0")
    wheel, sha256, _ = one(registry, "demo", "demo-1.0-py3-none-any.whl")

    assert page_of(registry, "/simple/demo/").startswith(
        '<!DOCTYPE html>\n<html>\n  <head>\n    <meta name="pypi:repository-version" content="1.0">\n'
        "    <title>Links for demo</title>\n  </head>\n  <body>\n    <h1>Links for demo</h1>\n"
        f'<a href="{wheel}#sha256={sha256}" data-requires-python="&gt;=3.8" data-yanked="" >'
    )


def test_a_project_as_html_before_json(opened: Opened) -> None:
    """Names as their owners spell them, and no blank before the end of a link."""
    registry = opened(replace(OLDEST, json=False, early_html=True))
    registry.add(make_wheel("Foo.Bar", "1.0", requires_python=">=3.8"))
    registry.yank("foo-bar", "1.0", "a&b")
    wheel, sha256, _ = one(registry, "foo-bar", "foo_bar-1.0-py3-none-any.whl")

    assert page_of(registry, "/simple/foo-bar/").startswith(
        '<!DOCTYPE html>\n<html>\n  <head>\n    <meta name="pypi:repository-version" content="1.0">\n'
        "    <title>Links for Foo.Bar</title>\n  </head>\n  <body>\n    <h1>Links for Foo.Bar</h1>\n"
        f'<a href="{wheel}#sha256={sha256}" data-requires-python="&gt;=3.8" data-yanked="a&amp;b">'
        "foo_bar-1.0-py3-none-any.whl</a><br/>\n</body>"
    )


def test_a_project_as_json(index: Registry) -> None:
    """Sorted, tight, with a new line at the end."""
    index.add(make_wheel("Foo.Bar", "1.0"))
    index.yank("foo-bar", "1.0")
    url, sha256, metadata = one(index, "foo-bar", "foo_bar-1.0-py3-none-any.whl")
    size = index._index.find([index.namespace], "foo_bar-1.0-py3-none-any.whl", sha256)
    assert size is not None
    serial = Client(index.wsgi).get("/simple/foo-bar/").headers["X-PyPI-Last-Serial"]

    assert page_of(index, "/simple/foo-bar/", V1_JSON) == (
        f'{{"files":[{{"core-metadata":{{"sha256":"{metadata}"}},"data-dist-info-metadata":{{"sha256":"{metadata}"}},'
        f'"filename":"foo_bar-1.0-py3-none-any.whl","hashes":{{"sha256":"{sha256}"}},"provenance":null,'
        f'"requires-python":null,"size":{size.file.size},"upload-time":"2026-08-21T12:00:00.000000Z",'
        f'"url":"{url}","yanked":true}}],"meta":{{"_last-serial":{serial},"api-version":"1.4"}},'
        '"name":"foo-bar","project-status":{"status":"active"},"versions":["1.0"]}\n'
    )


def test_a_project_as_json_in_2022(opened: Opened) -> None:
    """PEP 691 alone, in its first weeks."""
    registry = opened(OLDEST)
    registry.add(make_wheel("demo", "1.0"))
    client = Client(registry.wsgi)

    told = client.get("/simple/demo/", headers={"Accept": V1_JSON}).get_json(force=True)

    assert set(told) == {"files", "meta", "name"}
    assert set(told["files"][0]) == {"filename", "hashes", "requires-python", "url", "yanked"}
    assert page_of(registry, "/simple/", V1_JSON).endswith('"projects":[{"name":"demo"}]}\n')


def test_the_empty_list_of_pep_708(opened: Opened) -> None:
    """It was there for two years and always empty."""
    registry = opened(PageFacts(api_version="1.2", alternate_locations=True))
    registry.add(make_wheel("demo", "1.0"))

    assert page_of(registry, "/simple/demo/", V1_JSON).startswith('{"alternate-locations":[],"files":[')


def test_the_list_of_projects(index: Registry, world: PyPIWorld) -> None:
    """Names as they are shown, in the order of normalized ones, without those in quarantine."""
    index.add(make_wheel("zed", "1.0"), make_wheel("Foo.Bar", "1.0"), make_wheel("bad", "1.0"))
    world.project("bad").quarantine()
    whole = Client(index.wsgi).get("/simple/").headers["X-PyPI-Last-Serial"]

    assert page_of(index, "/simple/") == (
        '<!DOCTYPE html>\n<html lang="en">\n  <head>\n    <meta name="pypi:repository-version" content="1.4">\n'
        "    <title>Simple index</title>\n  </head>\n  <body>\n"
        '<a href="/simple/foo-bar/">Foo.Bar</a>\n<a href="/simple/zed/">zed</a>\n</body>\n</html>'
    )
    told = page_of(index, "/simple/", V1_JSON)
    assert told.startswith(f'{{"meta":{{"_last-serial":{whole},"api-version":"1.4"}},"projects":[{{"_last-serial":')
    assert told.endswith(',"name":"zed"}]}\n')


def test_addresses_below_a_path(opened: Opened) -> None:
    """The list's links and the redirects know where the registry begins."""
    registry = opened(url_root="/base")
    registry.add(make_wheel("Foo.Bar", "1.0"))
    client = Client(registry.wsgi)

    assert '<a href="/base/simple/foo-bar/">' in client.get("/base/simple/").text
    assert client.get("/base/simple/Foo.Bar/").location == f"{registry.url}/simple/foo-bar/"
    assert client.get("/base/simple/Foo.Bar").location == f"{registry.url}/simple/Foo.Bar/"


# -- which form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, HTML),
        ("", HTML),
        ("*/*", HTML),
        (HTML, HTML),
        (V1_HTML, V1_HTML),
        (V1_JSON, V1_JSON),
        (V1_JSON.upper(), V1_JSON),
        ("application/*", V1_HTML),
        ("text/plain", HTML),
        ("application/json", HTML),
        ("application/vnd.pypi.simple.latest+json", HTML),
        (f"{V1_JSON};q=0", HTML),
        (f"{V1_JSON}, {V1_HTML}; q=0.1, text/html; q=0.01", V1_JSON),
        (f"{V1_JSON}, {V1_HTML};q=0.2, text/html;q=0.01", V1_JSON),
        (f"{V1_HTML};q=0.5,{V1_JSON};q=0.5", V1_HTML),
        (f"{V1_JSON}, text/html", HTML),
        (f"{V1_JSON};q=0.9, */*;q=0.8", V1_JSON),
        (f"{V1_JSON}, nonsense", HTML),
        (f"{V1_JSON};q=2", HTML),
    ],
)
def test_negotiation(demo: Registry, accept: str | None, form: str) -> None:
    """The best quality wins, then the server's order; nobody is ever refused."""
    response = Client(demo.wsgi).get("/simple/demo/", headers={} if accept is None else {"Accept": accept})

    assert response.status_code == 200
    assert response.headers["Content-Type"] == (f"{HTML}; charset=UTF-8" if form == HTML else form)
    assert response.text.startswith("{" if form == V1_JSON else "<!DOCTYPE")


def test_the_address_decides_nothing(ask: Ask, demo: Registry) -> None:
    """PEP 691's optional `?format=` is not there."""
    assert demo.files("demo")
    assert ask(f"/simple/demo/?format={V1_JSON}").headers["Content-Type"] == f"{HTML}; charset=UTF-8"


def test_json_can_be_turned_off(ask: Ask, demo: Registry, world: PyPIWorld) -> None:
    """A switch of ours, to see what a client makes of HTML alone."""
    world.settings.json = False

    assert ask("/simple/demo/", Accept=V1_JSON).headers["Content-Type"] == f"{HTML}; charset=UTF-8"
    assert ask("/simple/demo/", Accept=V1_HTML).headers["Content-Type"] == V1_HTML
    assert demo.files("demo")


def test_before_json_nothing_was_negotiated(opened: Opened) -> None:
    """One form for all, which does not depend on what is asked for."""
    registry = opened(replace(OLDEST, json=False))
    registry.add(make_wheel("demo", "1.0"))

    response = Client(registry.wsgi).get("/simple/demo/", headers={"Accept": V1_JSON})

    assert response.headers["Content-Type"] == f"{HTML}; charset=UTF-8"
    assert response.headers["Vary"] == "Accept-Encoding"


def test_metadata_can_be_turned_off(ask: Ask, demo: Registry, world: PyPIWorld) -> None:
    """Another one, to see what a client does without."""
    assert "data-core-metadata" in ask("/simple/demo/").text

    world.settings.pep658 = False

    assert demo.files("demo")
    assert "metadata" not in ask("/simple/demo/").text
    assert '"core-metadata":false,"data-dist-info-metadata":false' in ask("/simple/demo/", Accept=V1_JSON).text


# -- headers -----------------------------------------------------------------------------------------------------------


def test_headers(ask: Ask, demo: Registry) -> None:
    """What caches and browsers are told."""
    response = ask("/simple/demo/")

    assert demo.files("demo")
    assert response.headers["Cache-Control"] == "max-age=600, public"
    assert response.headers["Vary"] == "Accept, Accept-Encoding"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Access-Control-Expose-Headers"] == "X-PyPI-Last-Serial"
    assert f"<!--SERIAL {response.headers['X-PyPI-Last-Serial']}-->" in response.text
    assert "Last-Modified" not in response.headers


def test_an_unchanged_page(ask: Ask, demo: Registry) -> None:
    """The tag is the body's MD5 in Base64 without its padding; whoever has it gets no body."""
    tag = ask("/simple/demo/").headers["ETag"]
    assert len(tag) == 24
    for sent in (tag, f"W/{tag}", f'"other", {tag}', "*", tag.strip('"')):
        response = ask("/simple/demo/", If_None_Match=sent)
        assert (response.status_code, response.data) == (304, b"")
        assert response.headers["ETag"] == tag
        assert response.headers["X-PyPI-Last-Serial"]
        assert "Content-Type" not in response.headers

    demo.add(make_wheel("demo", "1.1"))

    assert ask("/simple/demo/", If_None_Match=tag).status_code == 200


@pytest.mark.parametrize("accept", ["gzip", "gzip, deflate", "gzip;q=0.5, identity;q=0.1", "gzip, *;q=0.5"])
def test_compression(ask: Ask, demo: Registry, accept: str) -> None:
    """Compressed for who asks, with a tag of its own."""
    plain, pressed = ask("/simple/demo/"), ask("/simple/demo/", Accept_Encoding=accept)

    assert demo.files("demo")
    assert pressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(pressed.data) == plain.data
    assert pressed.headers["ETag"] != plain.headers["ETag"]
    assert ask("/simple/demo/", Accept_Encoding=accept, If_None_Match=pressed.headers["ETag"]).status_code == 304


@pytest.mark.parametrize("accept", ["", "identity", "*", "gzip, identity", "gzip;q=0", "deflate, br", "a b"])
def test_no_compression(ask: Ask, demo: Registry, accept: str) -> None:
    """Plain for everybody else."""
    assert demo.files("demo")
    assert "Content-Encoding" not in ask("/simple/demo/", Accept_Encoding=accept).headers


def test_what_would_grow_is_not_compressed(ask: Ask) -> None:
    """A page may be too short for it."""
    response = ask("/simple/", Accept=V1_JSON, Accept_Encoding="gzip")

    assert response.status_code == 200
    assert "Content-Encoding" not in response.headers


# -- other addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/simple", "/simple/"),
        ("/simple?a=b", "/simple/?a=b"),
        ("/simple/demo", "/simple/demo/"),
        ("/simple/nope", "/simple/nope/"),
        ("/simple/Foo.Bar?x=1&y", "/simple/Foo.Bar/?x=1&y"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_a_slash_is_added(demo: Registry, ask: Ask, path: str, location: str, method: str) -> None:
    """Whatever may be there, and before anybody looks."""
    response = ask(path, method)

    assert (response.status_code, response.location) == (301, demo.url + location)
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Cache-Control" not in response.headers


@pytest.mark.parametrize(
    ("accept", "body"),
    [
        (
            "*/*",
            (
                "<html>\n <head>\n  <title>301 Moved Permanently</title>\n </head>\n <body>\n  "
                "<h1>301 Moved Permanently</h1>\n  The resource has been moved to "
                "/simple/foo-bar/?a=1&amp;b; you should be redirected automatically.\n\n\n </body>\n</html>"
            ),
        ),
        (
            "application/json",
            (
                '{"message": "The resource has been moved to /simple/foo-bar/?a=1&b; you should be redirected '
                'automatically.\\n\\n", "code": "301 Moved Permanently", "title": "Moved Permanently"}'
            ),
        ),
        (
            V1_JSON,
            (
                "301 Moved Permanently\n\nThe resource has been moved to /simple/foo-bar/?a=1&b; you should be "
                "redirected automatically.\n\n"
            ),
        ),
    ],
)
def test_the_normalized_name(index: Registry, ask: Ask, accept: str, body: str) -> None:
    """Another spelling leads to it, with all parameters; pyramid/httpexceptions.py, measured."""
    index.add(make_wheel("Foo.Bar", "1.0"))

    response = ask("/simple/Foo.Bar/?a=1&b", Accept=accept)

    assert (response.status_code, response.location) == (301, f"{index.url}/simple/foo-bar/?a=1&b")
    assert response.text == body
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "max-age=600, public"


@pytest.mark.parametrize("path", ["/simple/nope/", "/simple/No_pe/", "/simple/demo/more/", "/simple/demo/more"])
@pytest.mark.parametrize("accept", ["*/*", V1_JSON])
def test_nothing_there(demo: Registry, ask: Ask, path: str, accept: str) -> None:
    """The same for everybody, and before any spelling matters."""
    response = ask(path, Accept=accept)

    assert demo.files("demo")
    assert (response.status_code, response.text) == (404, "404 Not Found")
    assert response.headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_pages_are_read_alone(ask: Ask, demo: Registry, method: str) -> None:
    """The index page and a project's take no other method; OPTIONS is given the page."""
    assert demo.files("demo")
    assert ask("/simple/demo/", method).status_code == 405
    assert ask("/simple/", method).headers["Allow"] == "GET, HEAD, OPTIONS"
    given = ask("/simple/demo/", "OPTIONS")
    assert given.text == ask("/simple/demo/").text
    assert "ETag" not in given.headers
    assert ask("/simple/demo/", "HEAD").data == b""


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_order(index: Registry, ask: Ask) -> None:
    """Versions by PEP 440, a version's files by name."""
    index.add(
        make_wheel("demo", "1.10"), make_sdist("demo", "1.10"), make_sdist("demo", "1.9"), make_wheel("demo", "1.9")
    )

    told = ask("/simple/demo/", Accept=V1_JSON).get_json(force=True)

    assert told["versions"] == ["1.9", "1.10"]
    assert [file["filename"] for file in told["files"]] == [
        "demo-1.9-py3-none-any.whl",
        "demo-1.9.tar.gz",
        "demo-1.10-py3-none-any.whl",
        "demo-1.10.tar.gz",
    ]


def test_a_version_without_files_is_not_shown(index: Registry, ask: Ask) -> None:
    """It is still a release, and may be filled again."""
    index.add(make_wheel("demo", "1.0"), make_wheel("demo", "2.0"))
    index.delete("demo", "2.0", "demo-2.0-py3-none-any.whl")

    assert ask("/simple/demo/", Accept=V1_JSON).get_json(force=True)["versions"] == ["1.0"]


def test_an_empty_project(world: PyPIWorld, ask: Ask) -> None:
    """A project whose name somebody owns has a page."""
    world.project("demo")

    assert '"files":[]' in ask("/simple/demo/", Accept=V1_JSON).text


def test_quarantine(demo: Registry, world: PyPIWorld, ask: Ask) -> None:
    """The page stays and is empty; when it is over, all is back."""
    before = ask("/simple/demo/").text
    world.project("demo").quarantine()

    told = ask("/simple/demo/", Accept=V1_JSON).get_json(force=True)

    assert (told["files"], told["versions"], told["project-status"]) == ([], [], {"status": "quarantined"})
    assert "demo" not in ask("/simple/").text
    world.project("demo").release_quarantine()
    assert demo.files("demo")
    assert ask("/simple/demo/").text.splitlines()[:-1] == before.splitlines()[:-1]


def test_a_release_in_quarantine(demo: Registry, world: PyPIWorld, ask: Ask) -> None:
    """The others stay."""
    demo.add(make_wheel("demo", "2.0"))
    project = world.project("demo")
    project.quarantined_releases.add("1")
    world.changed(project)

    assert ask("/simple/demo/", Accept=V1_JSON).get_json(force=True)["versions"] == ["2.0"]


@pytest.mark.parametrize(("reason", "told"), [("", "true"), ("oops", '"oops"'), ("naïve", '"naïve"')])
def test_yanked(demo: Registry, ask: Ask, reason: str, told: str) -> None:
    """Why, or only that; and no more once it is given again."""
    demo.yank("demo", "1", reason)
    assert f'"yanked":{told}' in ask("/simple/demo/", Accept=V1_JSON).text

    demo.unyank("demo", "1.0.0")

    assert '"yanked":false' in ask("/simple/demo/", Accept=V1_JSON).text


def test_many_files(index: Registry, world: PyPIWorld) -> None:
    """A page of 5000 files is written in far less than a second, and sent again at once."""
    for number in range(5000):
        version, name = f"0.{number}", f"big-0.{number}-py3-none-any.whl"
        digest = f"{number:064x}"
        upload = Upload(
            name="big",
            version=version,
            filename=name,
            digest=digest,
            size=1,
            hashes={"sha256": digest, "md5": "", "blake2_256": digest},
            metadata={"requires_python": ">=3.8"},
            facts={"metadata_sha256": digest},
            keys=Keys("big", ("big", version), name),
        )
        index._index.add(world.home, upload, at=index.clock.now(), by="a test")
    started = time.perf_counter()

    html, told = page_of(index, "/simple/big/"), page_of(index, "/simple/big/", V1_JSON)

    assert (html.count("<a "), told.count('"filename"')) == (5000, 5000)
    assert time.perf_counter() - started < 5
    started = time.perf_counter()
    assert page_of(index, "/simple/big/") == html
    assert time.perf_counter() - started < 0.5

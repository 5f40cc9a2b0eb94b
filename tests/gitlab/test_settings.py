"""An instance's settings: JSON pages, FIPS mode, the rate limiter, object storage, where the registry lies."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import GitLab, NotYet

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from pytest_pyreg import ManualClock

    Start = Callable[..., GitLab]
    Ask = Callable[..., requests.Response]

JSON = "application/vnd.pypi.simple.v1+json"


def send(gitlab: GitLab, ask: Ask, name: str = "Demo.Pkg", version: str = "1.0", **fields: str) -> requests.Response:
    """Upload by hand."""
    form = {"name": name, "version": version, "sha256_digest": hashlib.sha256(b"PK").hexdigest(), **fields}
    content = (f"{name}-{version}.tar.gz", b"PK")
    return ask(gitlab.upload_url, gitlab.publisher, "POST", data=form, files={"content": content})


# -- JSON --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "json"),
    [
        (JSON, True),
        ("application/vnd.pypi.simple.latest+json", True),
        (f"text/html, {JSON};q=0.1", True),
        ("text/html", False),
        ("*/*", False),
        ("application/vnd.pypi.simple.v1+html", False),
        ("application/json", False),
    ],
)
def test_json_pages(start: Start, ask: Ask, accept: str, json: bool) -> None:
    """With the flag on, whoever names one of the types gets JSON; `q` does not matter."""
    gitlab = start("18.10")
    gitlab.flag("pypi_pep_691_json")
    send(gitlab, ask, requires_python=">=3.8")

    page = ask(f"{gitlab.index_url}/demo-pkg", gitlab.reader, headers={"Accept": accept})
    index = ask(gitlab.index_url, gitlab.reader, headers={"Accept": accept})

    for answer in (page, index):
        assert answer.headers["Vary"] == "Accept, Origin"
        assert answer.headers["Content-Type"] == (f"{JSON}; charset=utf-8" if json else "text/html; charset=utf-8")
    if json:
        digest = hashlib.sha256(b"PK").hexdigest()
        url = f"{gitlab.upload_url}/files/{digest}/Demo.Pkg-1.0.tar.gz#sha256={digest}"
        file = f'{{"filename":"Demo.Pkg-1.0.tar.gz","url":"{url}","hashes":{{"sha256":"{digest}"}}'
        file += ',"requires-python":">=3.8"}'
        assert page.text == f'{{"meta":{{"api-version":"1.0"}},"name":"demo-pkg","files":[{file}]}}'
        assert index.text == '{"meta":{"api-version":"1.0"},"projects":[{"name":"demo-pkg"}]}'


def test_json_names_each_project_once(start: Start, ask: Ask) -> None:
    """The HTML list has a link for each release, the JSON list each project, sorted, normalized."""
    gitlab = start("18.10")
    gitlab.flag("pypi_pep_691_json")
    for name, version in (("zeta", "1.0"), ("My_Pkg", "1.0"), ("my.pkg", "2.0")):
        send(gitlab, ask, name, version)

    answer = ask(gitlab.index_url, gitlab.reader, headers={"Accept": JSON})

    assert [project["name"] for project in answer.json()["projects"]] == ["my-pkg", "zeta"]


def test_json_is_off_by_default(start: Start, ask: Ask) -> None:
    """Without the flag it is HTML, and nothing varies by what is accepted."""
    gitlab = start("18.10")

    answer = ask(gitlab.index_url, gitlab.reader, headers={"Accept": JSON})

    assert (answer.headers["Content-Type"], answer.headers["Vary"]) == ("text/html; charset=utf-8", "Origin")


def test_pip_installs_from_json(start: Start) -> None:
    """Real pip asks for JSON first."""
    gitlab = start("18.10")
    gitlab.flag("pypi_pep_691_json")
    gitlab.upload(gitlab.make_wheel("demo", "1.0"))

    assert gitlab.install("demo").distributions() == {"demo": "1.0"}


def test_a_flag_that_is_not_there_yet(start: Start) -> None:
    """The release, the flag and the way out are named."""
    with pytest.raises(NotYet, match=r"gitlab@18.9 has no pypi_pep_691_json; choose a later release"):
        start("18.9").flag("pypi_pep_691_json")
    with pytest.raises(ValueError, match="there is no flag 'pep_691' here; the flags are"):
        start("18.10").flag("pep_691")


# -- FIPS --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sha256", "status"), [("1" * 64, 201), ("", 400), (None, 422)])
def test_fips_demands_sha256(start: Start, ask: Ask, sha256: str | None, status: int) -> None:
    """In FIPS mode an upload without sha256 is refused, and md5 is not kept; an empty one is no digest anyway."""
    gitlab = start("17")
    gitlab.settings.fips = True
    form = {"name": "demo", "version": "1.0", "md5_digest": "2" * 32}
    form |= {} if sha256 is None else {"sha256_digest": sha256}

    answer = ask(gitlab.upload_url, gitlab.publisher, "POST", data=form, files={"content": ("d-1.0.tar.gz", b"PK")})

    assert answer.status_code == status
    for release in gitlab._index.releases([gitlab.namespace]):
        assert dict(release.files[0].hashes) == {"sha256": sha256}


# -- the rate limiter --------------------------------------------------------------------------------------------------


def test_the_limiter_counts_addresses(start: Start, ask: Ask, clock: ManualClock) -> None:
    """When it is on, the request past the limit gets 429, whoever asks, until the period is over."""
    gitlab = start()
    throttle = gitlab.settings.throttle_unauthenticated_packages_api
    throttle.enabled, throttle.requests_per_period = True, 3

    answers = [ask(gitlab.index_url) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    refused = answers[-1]
    assert (refused.text, refused.headers["Content-Type"]) == ("Retry later\n", "text/plain")
    assert {name: value for name, value in refused.headers.items() if name.startswith(("RateLimit", "Retry"))} == {
        "RateLimit-Name": "throttle_unauthenticated_packages_api",
        "RateLimit-Limit": "12",
        "RateLimit-Observed": "4",
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": str(int(clock.now().timestamp()) + 15),
        "RateLimit-ResetTime": "Thu, 01 Jan 2026 12:00:15 GMT",
        "Retry-After": "15",
    }
    assert ask(gitlab.index_url, gitlab.reader).status_code == 200
    clock.advance(seconds=15)
    assert ask(gitlab.index_url).status_code == 401


def test_the_limiter_counts_callers(start: Start, ask: Ask) -> None:
    """Each caller has a counter of their own; a wrong token is nobody's."""
    gitlab = start()
    throttle = gitlab.settings.throttle_authenticated_packages_api
    throttle.enabled, throttle.requests_per_period = True, 2

    assert [ask(gitlab.index_url, gitlab.reader).status_code for _ in range(3)] == [200, 200, 429]
    assert ask(gitlab.index_url, gitlab.publisher).status_code == 200
    assert [ask(gitlab.index_url).status_code for _ in range(5)] == [401] * 5


def test_the_limiter_is_off_by_default(start: Start, ask: Ask) -> None:
    """As GitLab's is."""
    gitlab = start()

    assert {ask(gitlab.index_url, gitlab.reader).status_code for _ in range(30)} == {200}


# -- object storage ----------------------------------------------------------------------------------------------------


def test_a_download_from_object_storage_is_a_redirect(start: Start, ask: Ask, clock: ManualClock) -> None:
    """To an address of another origin that is signed, and good for ten minutes."""
    gitlab = start("17")
    gitlab.settings.storage = "object storage"
    send(gitlab, ask)
    url = f"{gitlab.upload_url}/files/{hashlib.sha256(b'PK').hexdigest()}/Demo.Pkg-1.0.tar.gz"

    answer = ask(url, gitlab.reader)

    location = answer.headers["Location"]
    assert answer.status_code == 302
    assert not location.startswith(gitlab.url)
    assert ask(location).content == b"PK"
    assert ask(location, headers={"Range": "bytes=1-"}).content == b"K"
    assert ask(location.replace("X-Amz-Signature=", "X-Amz-Signature=0")).status_code == 403
    assert ask(location.replace("X-Amz-Date=2026", "X-Amz-Date=2027")).status_code == 403
    assert ask(location.partition("?")[0]).status_code == 403
    clock.advance(minutes=10, seconds=1)
    assert ask(location).status_code == 403
    assert ask(url).status_code == 401


def test_pip_installs_from_object_storage(start: Start) -> None:
    """Real pip follows, and does not show its credentials there."""
    gitlab = start("17")
    gitlab.settings.storage = "object storage"
    gitlab.upload(gitlab.make_wheel("demo", "1.0"))

    assert gitlab.install("demo").distributions() == {"demo": "1.0"}
    (fetched,) = gitlab._companions.log
    assert (fetched.status, fetched.action) == (200, "storage")
    assert "Authorization" not in dict(fetched.headers)


def test_proxied_storage_is_no_redirect(start: Start, ask: Ask) -> None:
    """Workhorse streams the bytes."""
    gitlab = start("17")
    gitlab.settings.storage = "object storage, proxied"
    send(gitlab, ask)
    url = f"{gitlab.upload_url}/files/{hashlib.sha256(b'PK').hexdigest()}/Demo.Pkg-1.0.tar.gz"

    assert (ask(url, gitlab.reader).status_code, ask(url, gitlab.reader).content) == (200, b"PK")


# -- where it lies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["/gitlab", "gitlab/", "/a/b"])
def test_a_relative_url_root(start: Start, root: str) -> None:
    """The registry lies below a path; every address that it gives does too, and nothing is beside it."""
    gitlab = start("17", url_root=root)
    gitlab.upload(gitlab.make_wheel("demo", "1.0"))

    site = gitlab.install("demo")

    assert site.distributions() == {"demo": "1.0"}
    assert f"/{root.strip('/')}/api/v4/projects/1/" in gitlab.upload_url
    assert all(exchange.path.startswith(f"/{root.strip('/')}/") for exchange in gitlab.log)


def test_beside_the_root_is_nothing(start: Start, ask: Ask) -> None:
    """The address without the root is no route."""
    gitlab = start("17", url_root="/gitlab")

    answer = ask(gitlab.index_url.replace("/gitlab/", "/"), gitlab.reader)

    assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})


# -- turned off --------------------------------------------------------------------------------------------------------


def test_packages_can_be_off_on_the_instance(start: Start, ask: Ask) -> None:
    """Then everything is 404, before anything else."""
    gitlab = start("17")
    gitlab.settings.packages_enabled = False

    for who in ([], [gitlab.publisher]):
        answer = ask(gitlab.index_url, *who)
        assert (answer.status_code, answer.json()) == (404, {"message": "404 Not Found"})
    assert send(gitlab, ask).status_code == 404


def test_a_gitlab_is_one() -> None:
    """The typed registry refuses another product, and says what would be right."""
    with pytest.raises(ValueError, match=r"pep503@1 is no GitLab; try 'gitlab@19"):
        GitLab("pep503")


def test_every_reply_is_stamped(start: Start, ask: Ask) -> None:
    """A name for the request, how long it took, and from 16.0 on the name once more."""
    old, new = (ask(start(version).index_url) for version in ("15.11", "16.0"))

    assert old.headers["X-Request-Id"]
    assert float(old.headers["X-Runtime"]) >= 0
    assert "X-Gitlab-Meta" not in old.headers
    name = new.headers["X-Request-Id"]
    assert new.headers["X-Gitlab-Meta"] == f'{{"correlation_id":"{name}","version":"1"}}'

"""What each product says to each misfit, against verdicts.json, which has where that is known from."""

from __future__ import annotations

import html
import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import pytest
import requests
from packaging.version import Version
from twine.package import PackageFile
from twine.settings import Settings

from pytest_pyreg import CommandFailed, Dist, Registry, make_dists
from pytest_pyreg.metadata import parse
from pytest_pyreg.misfits import MISFITS, NAMES, misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCTS = ("gitlab", "gitea", "forgejo", "pypi")
ROWS = {row["misfit"]: row for row in json.loads(Path(__file__).with_name("verdicts.json").read_text())["rows"]}
STRICT_TWINE = Version(version("twine")) >= Version("7") and Version(version("packaging")) >= Version("26.1")
"""Earlier ones read metadata in another way, and find less wrong with it."""


class Answer(NamedTuple):
    """What a registry answered."""

    status: int
    text: str


@pytest.fixture(name="product", params=PRODUCTS)
def _product(request: pytest.FixtureRequest) -> Iterator[Registry]:
    with Registry(cast("str", request.param), forwarding=False) as product:
        yield product


def post(registry: Registry, dist: Dist, kind: str) -> Answer:
    """Upload by hand, with the form that a client makes of the metadata that should be in the file."""
    core = parse(dist.metadata, dist.name)
    form = [
        (":action", "file_upload"),
        ("protocol_version", "1"),
        ("filetype", "bdist_wheel" if kind == "wheel" else "sdist"),
        ("pyversion", "py3" if kind == "wheel" else "source"),
        ("sha256_digest", dist.sha256),
        *core.fields.items(),
        *((name, text) for name, texts in core.lists.items() for text in texts),
    ]
    with requests.Session() as session:
        session.trust_env = False
        session.auth = (registry.publisher.username, registry.publisher.secret)
        content = {"content": (dist.name, dist.data, "application/octet-stream")}
        response = session.post(registry.upload_url, data=form, files=content, timeout=60)
    return Answer(response.status_code, html.unescape(response.text))


def send(registry: Registry, package: PackageFile) -> Answer:
    """Upload by twine's own code, in this process: its command takes half a second to start."""
    settings = Settings(
        repository_url=registry.upload_url,
        username=registry.publisher.username,
        password=registry.publisher.secret,
        non_interactive=True,
        disable_progress_bar=True,
        config_file=os.devnull,
    )
    repository = settings.create_repository()
    try:
        response = repository.upload(package)
    finally:
        repository.close()
    return Answer(response.status_code, html.unescape(response.text))


def check(registry: Registry, dist: Dist, answer: Answer, expected: tuple[int, str]) -> None:
    """Demand that a file got this answer, and is stored if it was taken, and only then."""
    status, words = expected
    assert (answer.status, words in answer.text) == (status, True), answer
    stored = {name for project in registry.projects() for name in registry.files(project)}
    assert stored == ({dist.name} if status < 400 else set())


def test_every_misfit_has_its_row() -> None:
    """And none has a row that does not say where it is known from."""
    assert tuple(ROWS) == NAMES
    assert all(row["source"] for row in ROWS.values())


@pytest.mark.parametrize("name", NAMES)
def test_what_products_say(product: Registry, name: str) -> None:
    """To a client that sends whatever it is given."""
    dist = misfit(name)

    answer = post(product, dist, MISFITS[name].kind)

    check(product, dist, answer, ROWS[name][product.flavour.name.partition("@")[0]])


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_what_is_right_is_taken(product: Registry, kind: str) -> None:
    """The twin of all of these: it is the defect that is refused."""
    dist = make_dists("demo", "1.0")[kind == "sdist"]

    answer = post(product, dist, kind)

    check(product, dist, answer, (answer.status, ""))
    assert answer.status < 300


@pytest.mark.skipif(not STRICT_TWINE, reason="this twine finds less wrong")
@pytest.mark.parametrize("name", NAMES)
def test_what_twine_says(tmp_path: Path, name: str) -> None:
    """It refuses some before any request; what it sends gets the answer that others get too."""
    dist, row = misfit(name), ROWS[name]
    path = str(dist.write_to(tmp_path))
    if row["twine"]:
        with pytest.raises(Exception, match=r".") as caught:  # twine lets errors of zipfile and tarfile through.
            PackageFile.from_filename(path, None)
        assert row["twine"] in str(caught.value)
        return
    package = PackageFile.from_filename(path, None)
    for product in PRODUCTS:
        with Registry(product, forwarding=False) as registry:
            check(registry, dist, send(registry, package), row[product])


def test_the_command_says_it_too() -> None:
    """A misfit is uploaded as any other distribution is."""
    with Registry("pypi") as registry:
        with pytest.raises(CommandFailed, match="400"):
            registry.upload(misfit("linux platform tag"))
        assert [exchange.status for exchange in registry.log.uploads()] == [400]
        assert not registry.projects()
        registry.upload(misfit("bad record"))
        assert registry.files("demo") == {"demo-1.0-py3-none-any.whl"}

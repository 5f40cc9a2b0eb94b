"""Real clients over https: what they do when they trust the registry, and what they and it say when they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import CommandFailed, Registry
from pytest_pyreg.clients.finding import find
from pytest_pyreg.clients.jobs import commands
from pytest_pyreg.clients.kit import Job
from pytest_pyreg.products.gitlab import GitLab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRODUCTS = ("gitlab@17", "gitea@1.23", "pypi")
UPLOADERS = ("twine", "uv")
INSTALLERS = ("pip", "uv")
"""The kits that are tried over TLS, each with every product."""
UNTRUSTING = {"SSL_CERT_FILE": None, "REQUESTS_CA_BUNDLE": None}
"""What takes our authority from a client."""
DISTRUST = "does not trust the registry's certificate"


@pytest.fixture(name="product", params=PRODUCTS)
def _product(request: pytest.FixtureRequest) -> Iterator[Registry]:
    with Registry(request.param, tls=True) as registry:
        yield registry


@pytest.mark.parametrize("client", UPLOADERS)
def test_a_client_uploads(product: Registry, client: str) -> None:
    """With the environment of the registry, and nothing else."""
    wheel, sdist = product.make_dists("demo", "1.0")

    product.upload(wheel, sdist, client=client)

    assert product.files("demo") == {wheel.name, sdist.name}
    assert product.url.startswith("https://localhost:")
    assert product.log.notes == ()


@pytest.mark.parametrize("client", UPLOADERS)
def test_a_client_that_does_not_trust_us_uploads_nothing(product: Registry, client: str, tmp_path: Path) -> None:
    """It says so, and the registry says why it saw no request."""
    path = product.make_wheel("demo", "1.0").write_to(tmp_path)

    (command,) = commands(find(client, "upload"), Job(tmp_path, product.index_url, files=(path,)))

    with pytest.raises(CommandFailed, match=DISTRUST) as failed:
        product.run(*command, env=UNTRUSTING)

    assert failed.value.returncode
    assert "certificate" in failed.value.output
    assert (failed.value.exchanges, product.files("demo")) == ((), set())
    assert failed.value.notes


@pytest.mark.parametrize("client", INSTALLERS)
def test_a_client_installs(product: Registry, client: str) -> None:
    """From a page whose addresses are https too; and the second time it asks again."""
    product.add(product.make_wheel("demo", "1.0"))
    assert product.install("demo", client=client).distributions() == {"demo": "1.0"}
    product.add(product.make_wheel("demo", "2.0"))

    asked = product.log.count
    site = product.install("demo", client=client)

    # uv keeps a page for as long as the product lets it.
    if client == "pip":
        assert site.distributions() == {"demo": "2.0"}
        assert product.log.count > asked
    assert product.log.notes == ()


@pytest.mark.parametrize("client", INSTALLERS)
def test_a_client_that_does_not_trust_us_installs_nothing(product: Registry, client: str, tmp_path: Path) -> None:
    """As above."""
    product.add(product.make_wheel("demo", "1.0"))
    (command,) = commands(find(client, "install"), Job(tmp_path, product.index_url))

    with pytest.raises(CommandFailed, match=DISTRUST) as failed:
        product.run(*command, "--target", str(tmp_path / "site"), "demo", env=UNTRUSTING)

    assert "certificate" in failed.value.output
    assert (failed.value.exchanges, product.log.count) == ((), 0)
    assert not list(tmp_path.glob("site/demo*"))


@pytest.mark.parametrize("client", INSTALLERS)
def test_upstream_and_storage_speak_https_too(client: str) -> None:
    """A client is sent to both, trusts both, and finds there what it looked for."""
    with GitLab("gitlab@17", tls=True) as registry:
        registry.settings.storage = "object storage"
        registry.add(registry.make_wheel("app", "1.0", requires=["lib"]))
        registry.upstream.add(registry.make_wheel("lib", "1.0"))

        site = registry.install("app", client=client)

        assert site.distributions() == {"app": "1.0", "lib": "1.0"}
        assert registry.upstream.url.startswith("https://")
        assert registry.upstream.log.downloads()
        assert registry.log.where(status=302, action="download")

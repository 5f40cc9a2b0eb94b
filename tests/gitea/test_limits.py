"""Quotas and limits: whose counts since when, and how a test sets them."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from pytest_pyreg import CommandFailed, Gitea, GitLab, NotYet, PyPI

OWNERS = ["forgejo@14.0.4", "forgejo@15", "forgejo@17"]
UPLOADERS = ["forgejo@9", "forgejo@12", "forgejo@14.0.3"]


@pytest.mark.parametrize("flavour", [*UPLOADERS, *OWNERS])
@pytest.mark.parametrize("over", ["uploader", "organisation", "nobody"])
def test_whose_quota_counts(flavour: str, over: str) -> None:
    """The uploader's to 14.0.3, the owner's from 14.0.4 on (#11442); off, nobody's."""
    with Gitea(flavour) as gitea:
        gitea.settings.quota_enabled = True
        gitea.user("publisher", over_quota=over == "uploader")
        acme = gitea.organization("acme", over_quota=over == "organisation")
        assert acme.over_quota == (over == "organisation")

        refused = over == ("organisation" if flavour in OWNERS else "uploader")
        with pytest.raises(CommandFailed, match="413") if refused else nullcontext():
            gitea.upload(gitea.make_wheel("demo", "1.0"))
        (exchange,) = gitea.log.uploads()
        assert exchange.status == (413 if refused else 201)
        if refused:
            assert exchange.why == f"{'acme' if over == 'organisation' else 'publisher'} is over their quota"
            gitea.settings.quota_enabled = False
            gitea.upload(gitea.make_wheel("demo", "1.0"))


@pytest.mark.parametrize("flavour", ["gitea", "forgejo@8"])
def test_a_product_without_a_quota(flavour: str) -> None:
    """Nobody can be over what there is not; to say that nobody is, is no error."""
    gitea = Gitea(flavour)

    for owner in (gitea.user("ada", over_quota=False), gitea.organization("tools", over_quota=False)):
        with pytest.raises(NotYet, match="has no soft quota"):
            owner.over_quota = True
        assert not owner.over_quota


@pytest.mark.parametrize(
    ("flavour", "setting", "value", "first"),
    [
        ("gitea@1.18", "limit_size_pypi", 5, "gitea@1.19"),
        ("gitea@1.18", "limit_total_owner_count", 5, "gitea@1.19"),
        ("gitea@1.18", "limit_total_owner_size", 5, "gitea@1.19"),
        ("gitea@1.20", "serve_direct", True, "gitea@1.21"),
        ("gitea", "quota_enabled", True, "forgejo@9"),
    ],
)
def test_a_setting_that_the_release_does_not_have(flavour: str, setting: str, value: object, first: str) -> None:
    """It is refused where it is set, and stays as it was; its default can be said, and later releases have it."""
    settings = Gitea(flavour).settings
    before = getattr(settings, setting)

    with pytest.raises(NotYet, match=f"from {first} on"):
        setattr(settings, setting, value)
    assert getattr(settings, setting) == before
    setattr(settings, setting, before)
    setattr(Gitea(first).settings, setting, value)


@pytest.mark.parametrize(
    ("flavour", "setting", "value", "off", "later"),
    [
        ("gitlab@13.4", "firewall", "block", "allow", "gitlab@19.0"),
        ("gitlab@13.4", "pypi_package_requests_forwarding", True, False, "gitlab"),
        ("gitlab@13.4", "lock_pypi_package_requests_forwarding", True, False, "gitlab"),
        ("gitlab@13.4", "package_registry_allow_anyone_to_pull_option", True, False, "gitlab"),
    ],
)
def test_a_setting_that_another_products_release_does_not_have(
    flavour: str, setting: str, value: object, off: object, later: str
) -> None:
    """The same of GitLab's."""
    settings = GitLab(flavour).settings

    with pytest.raises(NotYet, match="choose a later release"):
        setattr(settings, setting, value)
    setattr(settings, setting, off)
    setattr(GitLab(later).settings, setting, value)


@pytest.mark.parametrize("flavour", ["gitea@1.19", "gitea", "forgejo@7", "forgejo"])
def test_the_largest_file(flavour: str) -> None:
    """`max_file_bytes` is `LIMIT_SIZE_PYPI`: a file just as large goes, one of a byte more does not."""
    with Gitea(flavour) as gitea:
        wheel = gitea.make_wheel("demo", "1.0")
        size = len(wheel.data)

    with Gitea(flavour, max_file_bytes=size) as gitea:
        assert gitea.settings.limit_size_pypi == size
        gitea.upload(gitea.make_wheel("demo", "1.0"))
    with Gitea(flavour, max_file_bytes=size - 1) as gitea:
        with pytest.raises(CommandFailed, match="403"):
            gitea.upload(gitea.make_wheel("demo", "1.0"))
        (exchange,) = gitea.log.uploads()
        assert (exchange.status, exchange.why) == (403, f"the file has {size} bytes; the limit is {size - 1}")


def test_a_release_that_has_no_limits() -> None:
    """It says so, and does nothing else instead."""
    with pytest.raises(
        ValueError, match=r"gitea@1\.18 has no limits of packages; choose a later release, from gitea@1\.19"
    ):
        Gitea("gitea@1.18", max_file_bytes=100)


def test_the_largest_file_of_the_public_index() -> None:
    """There it is the limit of files too, and the index's own words say so; a project can be granted more."""
    with PyPI(max_file_bytes=100) as pypi:
        assert pypi.settings.max_file_bytes == 100
        wheel = pypi.make_wheel("demo", "1.0")
        with pytest.raises(CommandFailed, match=r"File too large\. Limit for project 'demo' is 0 MB\."):
            pypi.upload(wheel)
        (exchange,) = pypi.log.uploads()
        assert exchange.status == 400
        assert "File too large. Limit for project 'demo' is 0 MB." in exchange.why
        pypi.project("demo").max_file_bytes = 10**6
    with PyPI(max_file_bytes=10**6) as pypi:
        pypi.upload(pypi.make_wheel("demo", "1.0"))

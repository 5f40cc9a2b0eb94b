"""Who may publish what, as uv is told; each refusal beside the upload that is taken.

The words are the index's own; that they stand in every era's answers is the business of the conformance rows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg import Credential, make_sdist, make_wheel

if TYPE_CHECKING:
    from pytest_pyreg import Dist, ManualClock, PyPI
    from tests.pypi.clients.conftest import Desk

UNKNOWN = "Invalid or non-existent authentication information."
NO_EMAIL = "does not have a verified primary email address."
NO_SECOND_FACTOR = "does not have two-factor authentication enabled."
TOO_OLD = "Uploading new files to releases older than 14 days is not allowed."
BURNED_ONCE = "This filename has already been used, use a different version."
"""Until 23 October 2025."""
BURNED = "This filename was previously used by a file that has since been deleted. Use a different version."
DEMO = make_wheel("demo", "1.0")
LATER = make_wheel("demo", "2.0")


@pytest.fixture(name="takes")
def _takes(pypi: PyPI, desk: Desk) -> Takes:
    return Takes(pypi, desk)


class Takes:
    """Upload with uv, and hold what it says, and what is stored, against what should be.

    Args:
        pypi: the index.
        desk: where uv is.
    """

    def __init__(self, pypi: PyPI, desk: Desk) -> None:
        self._pypi = pypi
        self._desk = desk

    def __call__(self, dist: Dist, who: Credential | None = None) -> None:
        """Demand that a file is taken."""
        told = self._desk.publish("uv", dist, who=who)
        assert (told.good, told.statuses) == (True, [200]), told.text
        assert any(dist.name in self._pypi.files(name) for name in self._pypi.projects())

    def no(self, dist: Dist, status: int, words: str, who: Credential | None = None) -> None:
        """Demand that a file is refused, with these words, and nothing is left of it."""
        before = {name: self._pypi.files(name) for name in self._pypi.projects()}
        told = self._desk.publish("uv", dist, who=who)
        assert (told.good, set(told.statuses)) == (False, {status}), told.text  # Early uv asks again after a 429.
        assert f"Server says: {status} " in told.text
        assert words in told.text
        assert words in told.exchanges[0].why
        assert {name: self._pypi.files(name) for name in self._pypi.projects()} == before


@pytest.mark.parametrize("day", ["2022.6", ""])
def test_tokens(pypi: PyPI, takes: Takes, clock: ManualClock, day: str) -> None:
    """One that is none, that was deleted, that has expired, and a name and password."""
    ada = pypi.user("ada")
    deleted, short = ada.api_token(), ada.api_token(lasts=timedelta(minutes=5))
    pypi.revoke(deleted)

    takes.no(DEMO, 403, UNKNOWN, Credential("__token__", "pypi-" + "a" * 90))
    takes.no(DEMO, 403, UNKNOWN, deleted)
    takes.no(DEMO, 403, "Username/Password authentication is no longer supported.", Credential("ada", "secret"))
    takes(DEMO, short)
    clock.advance(minutes=6)
    twice = ", token is expired" if day == "" else ""
    takes.no(LATER, 403, f"Invalid API Token: token is expired{twice}", short)


@pytest.mark.parametrize("day", ["2022.6", ""])
def test_tokens_of_a_project(pypi: PyPI, takes: Takes, day: str) -> None:
    """One of another project is refused even for its user's own project; how often the caveats are named changed."""
    pypi.add(DEMO)
    publisher = pypi.user("publisher")
    failing = "project-scoped token is not valid for project: 'demo'"

    takes.no(LATER, 403, ", ".join([failing] * (2 if day else 4)), publisher.api_token(pypi.project("other")))
    takes(LATER, publisher.api_token(project="Demo"))


@pytest.mark.parametrize("day", ["2022.6", "2024.8.2", ""])
def test_accounts(pypi: PyPI, takes: Takes, day: str) -> None:
    """Without a verified address nobody uploads; without a second factor nobody has since August 2024."""
    status = 403 if day == "" else 400
    ada = pypi.user("ada", two_factor=False).api_token()
    takes.no(DEMO, status, NO_EMAIL, pypi.reader)
    if day == "2022.6":
        takes.no(DEMO, status, NO_EMAIL, pypi.stranger)
        takes(DEMO, ada)
    else:
        takes.no(DEMO, status, NO_SECOND_FACTOR, pypi.stranger)
        takes.no(DEMO, status, NO_SECOND_FACTOR, ada)

    pypi.user("reader", email_verified=True)
    pypi.user("ada", two_factor=True)

    takes(make_wheel("first", "1.0"), pypi.reader)
    takes(make_wheel("second", "1.0"), ada)
    pypi.user("ada", frozen=True)
    takes.no(make_wheel("second", "2.0"), 403, UNKNOWN, ada)


def test_projects_begin_with_their_first_file(pypi: PyPI, takes: Takes) -> None:
    """Who uploads it owns the name; anybody else has to be let in."""
    ada, bob = pypi.user("ada"), pypi.user("bob")
    takes(DEMO, ada.api_token())
    assert pypi.project("demo").owners == [ada]

    words = "The user 'bob' isn't allowed to upload to project 'demo'."
    takes.no(LATER, 403, words, bob.api_token())
    takes.no(LATER, 403, words.replace("bob", "publisher"))
    takes.no(make_wheel("dem0", "1.0"), 400, "The name 'dem0' is too similar to an existing project.")
    takes.no(make_wheel("json", "1.0"), 400, "(conflict with Python Standard Library module name)")

    pypi.project("demo").add_maintainer(bob)
    takes(LATER, bob.api_token())
    pypi.project("demo").remove(bob)
    takes.no(make_wheel("demo", "3.0"), 403, words, bob.api_token())


@pytest.mark.parametrize("day", ["2022.6", "2026.7", ""])
def test_releases_close(takes: Takes, clock: ManualClock, day: str) -> None:
    """After fourteen days a release takes no new file, since July 2026; one that it has is no new one."""
    takes(DEMO)
    clock.advance(days=13)
    takes(make_wheel("demo", "1.0", tag="py2-none-any"))
    clock.advance(days=2)

    if day:
        takes(make_sdist("demo", "1.0"))
        return
    takes.no(make_sdist("demo", "1.0"), 400, TOO_OLD)
    takes(DEMO)
    takes(LATER)


@pytest.mark.parametrize("day", ["2022.6", ""])
def test_names_burn(pypi: PyPI, takes: Takes, day: str) -> None:
    """The name of a deleted file is gone for good, for the same bytes too; another version is not."""
    burned = BURNED_ONCE if day and Version(day) < Version("2025.10.23") else BURNED
    takes(DEMO)
    pypi.delete("demo", "1.0")

    takes.no(DEMO, 400, burned)
    takes.no(make_wheel("demo", "1.0", files={"demo.py": "OTHER = True\n"}), 400, burned)
    takes(make_wheel("demo", "1.0.post1"))


def test_new_projects_by_the_hour(pypi: PyPI, takes: Takes, clock: ManualClock) -> None:
    """Only beginning them is counted; after an hour it goes on."""
    pypi.settings.new_projects_per_user = 2
    takes(make_wheel("one", "1.0"))
    takes(make_wheel("two", "1.0"))

    takes.no(make_wheel("three", "1.0"), 429, "Too many new projects created")
    takes(make_wheel("two", "2.0"))
    takes(make_wheel("three", "1.0"), pypi.user("ada").api_token())
    pypi.settings.new_projects_per_ip = 3
    takes.no(make_wheel("four", "1.0"), 429, "Too many new projects created", pypi.user("bob").api_token())
    clock.advance(minutes=61)
    takes(make_wheel("four", "1.0"))


def test_standings(pypi: PyPI, takes: Takes) -> None:
    """An archived project is closed to its owner too; a quarantined one takes its owners' accounts with it."""
    takes(DEMO)
    project = pypi.project("demo")
    project.archive()
    takes.no(LATER, 403, "The user 'publisher' isn't allowed to upload to project 'demo'.")
    project.unarchive()
    takes(LATER)

    project.quarantine()
    takes.no(make_wheel("demo", "3.0"), 403, UNKNOWN)
    project.release_quarantine()
    takes.no(make_wheel("demo", "3.0"), 403, UNKNOWN)
    pypi.user("publisher", frozen=False)
    takes(make_wheel("demo", "3.0"))


def test_organizations(pypi: PyPI, takes: Takes) -> None:
    """One that has not paid keeps its projects from being published."""
    acme = pypi.organization("acme", good_standing=False)
    pypi.project("demo", owners=[pypi.user("publisher")], organization=acme)

    takes.no(DEMO, 400, "Organization account owning this project is inactive.")
    pypi.organization("acme", good_standing=True)
    takes(DEMO)


def test_trusted_publishers(pypi: PyPI, takes: Takes, clock: ManualClock) -> None:
    """A run's token is good for the publisher's project, for fifteen minutes, and begins nothing."""
    publisher = pypi.project("demo").trusted_publisher(github="acme/demo")

    takes(DEMO, publisher.mint())
    takes.no(make_wheel("other", "1.0"), 400, "Non-user identities cannot create new projects.", publisher.mint())
    pypi.add(make_wheel("taken", "1.0"))
    takes.no(make_wheel("taken", "2.0"), 403, "OIDC scoped token is not valid for project 'taken'", publisher.mint())
    old = publisher.mint()
    clock.advance(minutes=16)
    takes.no(LATER, 403, "token is expired", old)


def test_switches(pypi: PyPI, takes: Takes) -> None:
    """What administrators close is closed, and opens again."""
    pypi.settings.disallow_new_project_registration = True
    takes.no(DEMO, 403, "New project registration temporarily disabled.")
    pypi.add(DEMO)
    takes(LATER)
    pypi.settings.disallow_new_upload = True
    takes.no(make_wheel("demo", "3.0"), 403, "New uploads are temporarily disabled.")
    pypi.settings.disallow_new_upload = False
    pypi.settings.max_file_bytes = 500
    takes.no(make_wheel("demo", "3.0"), 400, "File too large. Limit for project 'demo' is 0 MB.")
    pypi.project("demo").max_file_bytes = 10_000
    takes(make_wheel("demo", "3.0"))

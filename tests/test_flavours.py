"""The laws that every era of every lineage keeps, and finding a flavour by its name."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from packaging.version import Version

from pytest_pyreg import Registry, SystemClock, UnknownFlavour, lookup
from pytest_pyreg.actions import ACTIONS
from pytest_pyreg.addresses import Addresses, link
from pytest_pyreg.flavours import DEFAULT, Action, Era, Flavour, Lineage, lineages
from pytest_pyreg.identity import Permission
from pytest_pyreg.refusals import Problem, Refusal, Refused
from pytest_pyreg.render.replies import TROUBLED

if TYPE_CHECKING:
    from pytest_pyreg.dists import Dist

EVERY_ERA = [flavour for lineage in lineages.values() for flavour in lineage.flavours()]
every_era = pytest.mark.parametrize("flavour", EVERY_ERA, ids=lambda flavour: flavour.name)

# What a step may tell of a refusal; the flavour's words are filled from these.
FACTS = {
    "allowed": "GET",
    "arrived": "0" * 64,
    "field": "filename",
    "filename": "demo-1.0.tar.gz",
    "limit": 10,
    "method": "PUT",
    "namespace": "acme/demo",
    "permission": "read packages",
    "project": "demo",
    "scopes": "api",
    "sent": "none was sent",
    "size": 11,
    "status": 400,
    "where": "URL",
    "who": "user ada",
    "changed": "2026-01-01",
    "version": "1.0",
    "file": 1,
    "kind": "project",
    "location": "http://127.0.0.1/elsewhere",
    "needed": "read_packages",
    "observed": 801,
    "path": "acme/new",
    "per_minute": 3200,
    "reason": "blocked",
    "release": 1,
    "reset": 1,
    "reset_time": "Thu, 01 Jan 1970 00:00:01 GMT",
    "retry_after": 3,
    "seconds": 15,
    "source": "acme/other",
    "target": "demo",
    "throttle": "throttle_unauthenticated_packages_api",
    "violation": "a policy",
    "words": "no",
    "words_type": "text/plain",
    "nosniff": "nosniff",
    "anchor": "elsewhere",
    "anchor_type": "text/html",
}


PROBLEMS = {
    Refusal.FIELDS_INVALID: (Problem("content", "missing"), Problem("sha256_digest", "invalid")),
    Refusal.RELEASE_INVALID: (
        Problem("name", "blank"),
        Problem("version", "invalid"),
        Problem("summary", "long", 255),
    ),
    Refusal.QUERY_INVALID: (Problem("page", "invalid"), Problem("sort", "unknown"), Problem("per_page", "excluded")),
}


@every_era
@pytest.mark.parametrize("refusal", [each for each in Refusal if each not in TROUBLED])
def test_every_refusal_has_a_reply(flavour: Flavour, refusal: Refusal) -> None:
    """A flavour says no in every way that the steps know, and its words need no fact that nobody gives."""
    problems = PROBLEMS.get(refusal, ())

    reply = flavour.replies[refusal].filled(FACTS, problems)

    assert 300 <= reply.status <= 599
    assert isinstance(reply.body, bytes)
    assert b"{" not in reply.body.removeprefix(b"{")
    assert "{" not in Refused(refusal, problems=problems, **FACTS).explanation


@every_era
def test_every_action_of_a_route_exists(flavour: Flavour) -> None:
    """The app can do what the routes name, and every registry can be uploaded to and installed from."""
    actions = {route.action for route in flavour.routes.values()}

    assert actions - {Action.OWN} <= set(ACTIONS)
    assert all(route.answer is not None for route in flavour.routes.values() if route.action is Action.OWN)
    assert {Action.UPLOAD, Action.PROJECT_PAGE, Action.DOWNLOAD} <= actions


@every_era
def test_file_links_match_the_download_route(flavour: Flavour) -> None:
    """The address that a page gives for a file is one that the registry answers, whatever the file's name."""
    names = {
        "namespace": "7",
        "sha256": "0" * 64,
        "filename": "a b+c!%2F-1.0 ü.tar.gz",
        "project": "a b",
        "version": "1.0",
        "first": "00",
        "second": "00",
        "rest": "0" * 60,
    }
    routes = tuple(flavour.routes.values())
    addresses = Addresses(routes, "", slash_optional=flavour.slash_optional)

    for download in [route for route in routes if route.action is Action.DOWNLOAD]:
        route, parts = addresses.of({"REQUEST_METHOD": "GET", "RAW_URI": link(download, names), "PATH_INFO": ""})

        assert route is download
        assert parts["filename"] == names["filename"]


@every_era
def test_every_permission_is_granted_to_some_role(flavour: Flavour) -> None:
    """Nothing can be asked for that nobody may do, and no scope gives what no role has."""
    granted = frozenset[Permission]().union(*flavour.roles.values())

    assert {route.permission for route in flavour.routes.values()} <= granted
    assert frozenset[Permission]().union(*flavour.scopes.values()) <= granted


@every_era
def test_every_era_names_its_source(flavour: Flavour) -> None:
    """A fact without a source is a guess."""
    assert len(flavour.source) > 10


@pytest.mark.parametrize("lineage", lineages.values(), ids=lambda lineage: lineage.product)
def test_eras_ascend(lineage: Lineage) -> None:
    """Each era begins after the one before it."""
    versions = [Version(flavour.version) for flavour in lineage.flavours()]

    assert versions == sorted(set(versions))


@every_era
def test_the_ready_credentials_are_what_they_are_called(flavour: Flavour) -> None:
    """The publisher uploads and reads, the reader only reads, the stranger is known and does neither."""
    world = flavour.world(flavour, SystemClock(), random.Random(1))  # noqa: S311 - tokens of a test.

    accepted = flavour.route(Action.UPLOAD).accepted

    may = {
        name: set(world.granted(world.identify([credential], accepted), world.home))
        & {Permission.READ, Permission.PUBLISH}
        for name, credential in {
            "publisher": world.publisher,
            "reader": world.reader,
            "stranger": world.stranger,
        }.items()
    }

    everybody = set(world.granted(None, world.home)) & {Permission.READ}
    assert may["publisher"] == {Permission.READ, Permission.PUBLISH}
    assert may["reader"] == {Permission.READ}
    assert may["stranger"] == everybody
    assert world.identify([world.stranger], accepted) is not None
    assert {world.publisher.secret, world.reader.secret, world.stranger.secret} <= world.secrets()


@every_era
def test_upload_then_install_works(flavour: Flavour) -> None:
    """Real twine publishes, real pip installs, and a second upload of the file is refused or kept apart, not lost."""
    with Registry(flavour) as registry:
        dists: tuple[Dist, Dist] = registry.make_dists("demo-pkg", "1.0", requires_python=">=3.6")
        registry.upload(*dists)

        site = registry.install("demo-pkg==1.0")

        assert site.distributions() == {"demo-pkg": "1.0"}
        assert registry.files("demo-pkg") == {dist.name for dist in dists}


def test_lookup_gives_the_era_that_a_version_falls_into() -> None:
    """A version between two eras has the facts of the earlier one, and its own name."""
    flavour = lookup("gitlab@17.4")

    assert flavour.name == "gitlab@17.4"
    assert flavour.replies == lookup("gitlab@17.0").replies
    assert flavour.rules is not lookup("gitlab@16.6").rules


def test_lookup_of_a_product_gives_its_newest_era() -> None:
    """A bare product name means today's."""
    assert lookup(DEFAULT) == lineages[DEFAULT].newest


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gitlub", ["gitlub", "the products are", "gitlab"]),
        ("", ["the products are"]),
        ("gitlab@", ["no version", "try"]),
        ("gitlab@seventeen", ["seventeen", "no version", "try"]),
        ("gitlab@12.9", ["too old", "12.10"]),
        ("gitlab@20", ["not described yet", "20", "try"]),
        ("pep503@0", ["too old", "pep503"]),
    ],
)
def test_a_wrong_name_says_what_would_be_right(name: str, words: list[str]) -> None:
    """An unknown flavour is an error that says why and what to try."""
    with pytest.raises(UnknownFlavour) as caught:
        lookup(name)

    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("giteaa", "gitea"), ("Gitea@1.22", "gitea"), ("GITLAB", "gitlab"), ("forgeo@17", "forgejo"), ("PyPI", "pypi")],
)
def test_a_misspelt_product_is_guessed(name: str, meant: str) -> None:
    """Capitals and a slip of the finger: the product that is nearest is offered, not the default."""
    with pytest.raises(UnknownFlavour, match=f"; did you mean '{meant}'"):
        lookup(name)


def test_what_resembles_nothing_is_offered_the_default() -> None:
    """No guess is better than a wild one."""
    with pytest.raises(UnknownFlavour, match=f"; try '{DEFAULT}'$"):
        lookup("nexus3")


def test_a_flavour_is_shown_by_its_name() -> None:
    """Not by all that is in it, at any version and when derived."""
    assert repr(lookup("gitea@1.23")) == "<Flavour gitea@1.23>"
    assert f"{lookup('pep503').limited(1)}" == "<Flavour pep503@1>"


def test_an_era_states_only_what_changed() -> None:
    """Mappings are merged into those of the era before; everything else is replaced."""
    first = lookup("gitlab@17.0")
    changed = first.replies[Refusal.FORBIDDEN]
    lineage = Lineage("gitlab", first, (Era("17.5", "a test", {"replies": {Refusal.HIDDEN: changed}}),))

    later = lineage.at("17.6")

    assert later.replies[Refusal.HIDDEN] is changed
    assert later.replies[Refusal.FILE_EXISTS] is first.replies[Refusal.FILE_EXISTS]
    assert lineage.at("17.4").replies[Refusal.HIDDEN] is not changed
    assert later.source == "a test"


def test_users_can_derive_a_flavour_of_their_own() -> None:
    """`evolve` refuses a fact that does not exist."""
    mine = lookup("gitlab@17").evolve(headers={"X-Mine": "1"})

    assert mine.headers["X-Mine"] == "1"
    assert "X-Frame-Options" in mine.headers
    with pytest.raises(AttributeError):
        lookup("gitlab@17").evolve(header={"X-Mine": "1"})

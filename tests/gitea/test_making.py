"""Making a Gitea's world from Python: what can be said, and what is refused where it is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import Credential, Gitea, GitLab, NotYet, Via
from pytest_pyreg.flavours.gitea.people import Organization, User
from pytest_pyreg.flavours.gitea.words import SCOPES, SCOPES_1_19
from pytest_pyreg.identity import Permission, scope_allows
from pytest_pyreg.model import Visibility
from pytest_pyreg.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_pyreg.flavours.gitea.people import Owner

READ, PUBLISH = {Permission.SEE, Permission.READ}, set(Permission)
PASSWORD = "correct horse"
OTP = Credential("X-Gitea-OTP", "123456", Via.HEADER)


def rights(gitea: Gitea, owner: Owner, *shown: Credential) -> set[Permission]:
    """Return what who shows these may do with an owner's packages."""
    identity = gitea.world.identify(shown, ())
    granted = gitea.world.granted(identity, owner)
    scopes = gitea.flavour.scopes
    return {one for one in granted if identity is None or scope_allows(identity, one, scopes)}


@pytest.mark.parametrize("flavour", ["gitea@1.17", "gitea@1.19", "gitea", "forgejo@7", "forgejo"])
def test_a_world_in_giteas_words(flavour: str) -> None:
    """Users, organisations, teams, tokens."""
    gitea = Gitea(flavour)
    ada, bob = gitea.user("ada", password=PASSWORD), gitea.user("bob")
    tools = gitea.organization("tools", visibility="private")
    readers = tools.team("readers", access="read", members=[ada])
    tools.add_owner(bob)

    assert rights(gitea, tools, ada.token()) == rights(gitea, tools, Credential("ada", PASSWORD)) == READ
    assert rights(gitea, tools, bob.token()) == PUBLISH
    assert rights(gitea, ada, bob.token()) == rights(gitea, ada) == READ
    assert rights(gitea, ada, ada.token()) == PUBLISH
    assert rights(gitea, tools, gitea.stranger) == set()
    assert rights(gitea, gitea.world.home, gitea.reader) == READ
    assert rights(gitea, gitea.world.home, gitea.publisher) == PUBLISH
    assert tools.team("READERS", members=[bob]) is readers
    assert (readers.access, readers.members) == ("read", {ada, bob})


def test_saying_it_again_changes_what_is_said() -> None:
    """And leaves the rest."""
    gitea = Gitea()
    ada = gitea.user("ada", password=PASSWORD, visibility="limited", admin=True)
    tools = gitea.organization("tools", visibility="limited")
    team = tools.team("builders", access="write", code="read")

    assert gitea.user("ADA", restricted=True, active=False, prohibit_login=True) is ada
    assert (ada.name, ada.password, ada.visibility, ada.admin) == ("ada", PASSWORD, Visibility.INTERNAL, True)
    assert (ada.restricted, ada.active, ada.prohibit_login) == (True, False, True)
    assert gitea.organization("Tools") is tools
    assert tools.visibility is Visibility.INTERNAL
    assert tools.team("builders", members=[ada]) is team
    assert (team.access, team.code, team.base) == ("write", "read", "read")
    tools.remove_member(ada)
    assert team.members == set()


def test_a_repository() -> None:
    """Private or not, given to some teams or to all."""
    gitea = Gitea()
    tools = gitea.organization("tools")
    tools.team("Readers")
    widget = tools.repository("widget", private=True, teams=["readers"])

    assert tools.repository("Widget") is widget
    assert (widget.private, set(widget.teams or ())) == (True, {"Readers"})
    assert gitea.user("ada").repository("scratch").teams is None


@pytest.mark.parametrize(
    "name", ["", "a/b", "a b", "grüppe", "a.", "-a", "a..b", "a-_b", "x" * 41, "ghost", "V2", "ada.keys", 7]
)
def test_a_name_that_can_be_none(name: str) -> None:
    """Users and organisations have names that an address can carry, and none that Gitea keeps for itself."""
    gitea = Gitea()
    ada = gitea.user("ada")

    for make in (gitea.user, gitea.organization, ada.rename):
        with pytest.raises(ValueError, match=r"is no name of an? (user|organisation|owner)"):
            make(name)
    assert {owner.name for owner in gitea.world.owners()} == {"publisher", "reader", "stranger", "acme", "ada"}


@pytest.mark.parametrize("name", ["a", "A-b_c.d", "7", "x" * 40])
def test_a_name_that_can_be_one(name: str) -> None:
    """The twin of the test above."""
    assert Gitea().user(name).name == name


@pytest.mark.parametrize("name", ["", "a b", "..", "-", "a/b", "grüppe", 7])
def test_a_name_of_no_team_and_no_repository(name: str) -> None:
    """They have simpler names."""
    tools = Gitea().organization("tools")

    for make in (tools.team, tools.repository):
        with pytest.raises(ValueError, match=r"is no name of a (team|repository)"):
            make(name)


def test_one_name_is_one_thing() -> None:
    """A user and an organisation do not share a name."""
    gitea = Gitea()
    ada = gitea.user("ada")

    for make in (
        lambda: gitea.user("Acme"),
        lambda: gitea.organization("ADA"),
        lambda: gitea.world.rename(ada, "acme"),
        lambda: ada.rename("reader"),
    ):
        with pytest.raises(ValueError, match="choose another"):
            make()


def test_a_former_name_leads_to_its_owner() -> None:
    """Until somebody else has it; a name that is had again is no former one."""
    gitea = Gitea()
    world, ada = gitea.world, gitea.user("ada")
    ada.rename("lovelace")

    assert (world.namespace("ada", ""), world.namespace("Lovelace", "")) == (None, ada)
    assert (world.renamed("ADA"), ada.path, ada.reference) == (ada, "lovelace", "lovelace")
    ada.rename("ada")
    assert (ada.former_names, world.renamed("lovelace")) == (["lovelace"], ada)
    gitea.user("lovelace")
    assert world.renamed("lovelace") is None
    ada.rename("Ada")
    assert (ada.name, ada.former_names, world.namespace("ada", "")) == ("Ada", [], ada)


def test_objects_of_another_registry_are_refused() -> None:
    """A user of one Gitea is nobody in another."""
    mine, other = Gitea(), Gitea("forgejo")
    tools, ada = mine.organization("tools"), mine.user("ada")

    for make in (
        lambda: tools.add_owner(other.user("bob")),
        lambda: tools.team("readers", members=[ada, other.user("ada")]),
        lambda: tools.team("readers", members=[GitLab().user("ada")]),  # type: ignore[list-item]
        lambda: tools.team("readers", members=["ada"]),  # type: ignore[list-item]
        lambda: tools.team("readers", members=[mine.publisher]),  # type: ignore[list-item]
        lambda: tools.add_owner(tools),  # type: ignore[arg-type]
        lambda: other.world.rename(ada, "lovelace"),
        lambda: other.world.settle(ada),
        lambda: mine.world.settle("ada"),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match="of this registry"):
            make()
    assert tools.teams == {}


@pytest.mark.parametrize("members", ["ada", 7, None])
def test_members_are_several(members: object) -> None:
    """One that stands alone is an error that shows the brackets."""
    gitea = Gitea()
    tools = gitea.organization("tools")

    for wrong in (members, gitea.user("ada")):
        with pytest.raises(ValueError, match=r"members is a list, as in members=\[\.\.\.\]"):
            tools.team("readers", members=wrong)  # type: ignore[arg-type]


def test_a_foreign_credential_is_not_revoked_and_not_shown() -> None:
    """The error does not repeat the secret; a token that is deleted is none."""
    mine, other = Gitea(), Gitea()
    mine.user("ada", password=PASSWORD)

    for credential in (other.publisher, Credential("ada", PASSWORD), Credential("ada", "hunter2-hunter2")):
        with pytest.raises(ValueError, match="no token of this registry") as caught:
            mine.revoke(credential)
        assert credential.secret not in f"{caught.value!r}"
    mine.revoke(mine.publisher)
    with pytest.raises(Refused):
        mine.world.identify([mine.publisher], ())
    with pytest.raises(ValueError, match="deleted"):
        mine.revoke(mine.publisher)


# -- tokens ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scopes", "words"),
    [
        ("all", r"scopes is a list, as in scopes=\['all'\]"),
        (["read:packages"], "there is no scope 'read:packages', did you mean 'read:package'"),
        (["package"], "there is no scope 'package'"),
        (["delete:package"], "there is no scope"),
        ([], "at least one scope"),
        ([7], "there is no scope 7"),
    ],
)
def test_scopes_that_are_none(scopes: object, words: str) -> None:
    """A scope that is misspelt is an error, not a token that may nothing."""
    with pytest.raises(ValueError, match=words):
        Gitea().user("ada").token(scopes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "granted"),
    [("all", PUBLISH), ("write:package", PUBLISH), ("read:package", READ), ("read:user", set())],
)
def test_what_a_scope_is_good_for(scope: str, granted: set[Permission]) -> None:
    """The account may do everything here; its token only that."""
    gitea = Gitea()
    ada = gitea.user("ada", visibility="private")

    assert rights(gitea, ada, ada.token([scope])) == granted


def test_the_scopes_of_a_release() -> None:
    """1.17 has none, 1.19 its own, later ones those that read or write a category."""
    old, first, new = Gitea("gitea@1.18"), Gitea("gitea@1.19"), Gitea("gitea@1.20")

    for scopes in (["read:package"], ["write:package"], ["al"], ["all", "all"], "all", []):
        with pytest.raises(
            NotYet, match=r"gitea@1.18 has no scopes of tokens; choose a later release, from gitea@1.19"
        ):
            old.user("ada").token(scopes)
    for each, known in ((old, ("all",)), (first, SCOPES_1_19), (new, SCOPES)):
        ada = each.user("ada")
        assert rights(each, ada, ada.token()) == rights(each, ada, ada.token(["all"])) == PUBLISH
        assert each.world.scopes == known
        assert known is SCOPES_1_19 or not each.user("ada").token(known).secret.isspace()
    ada = first.user("ada")
    assert rights(first, ada, ada.token(["package"])) == PUBLISH
    with pytest.raises(ValueError, match="there is no scope 'write:issue'"):
        ada.token(["write:issue"])


# -- passwords and second factors --------------------------------------------------------------------------------------


def test_a_password_that_is_too_short() -> None:
    """It is refused as it is set, and not repeated."""
    gitea = Gitea()
    ada = gitea.user("ada")
    says: list[Callable[[], object]] = [
        lambda: gitea.user("bob", password="hunter2"),
        lambda: setattr(ada, "password", "hunter2"),
        lambda: setattr(ada, "password", 12345678),
    ]

    for say in says:
        with pytest.raises(ValueError, match="at least 8 characters") as caught:
            say()
        assert "hunter2" not in str(caught.value)
        assert "123" not in str(caught.value)
    assert [user.name for user in gitea.world.users()] == ["publisher", "reader", "stranger", "ada"]


def test_nobody_has_a_password_unasked() -> None:
    """An empty one lets nobody in, and is no secret."""
    gitea = Gitea()
    gitea.user("ada")

    with pytest.raises(Refused):
        gitea.world.identify([Credential("ada", "")], ())
    assert "" not in gitea.world.secrets()
    gitea.user("ada", password=PASSWORD)
    assert PASSWORD in gitea.world.secrets()
    assert PASSWORD not in f"{gitea.user('ada')!r}"


@pytest.mark.parametrize(
    ("flavour", "alone"), [("gitea@1.17", True), ("gitea@1.20", True), ("gitea@1.21", False), ("forgejo@7", False)]
)
def test_one_time_passwords(flavour: str, *, alone: bool) -> None:
    """Where they are demanded a password needs one; a token never does."""
    gitea = Gitea(flavour)
    ada = gitea.user("ada", password=PASSWORD)
    password = Credential("ada", PASSWORD)
    ada.enroll_totp()

    assert rights(gitea, ada, password, OTP) == rights(gitea, ada, ada.token()) == PUBLISH
    ada.enroll_totp("654321")
    for shown in ([password], [password, OTP]):
        if alone:
            assert rights(gitea, ada, *shown) == PUBLISH
        else:
            with pytest.raises(Refused):
                rights(gitea, ada, *shown)


def test_one_time_passwords_are_six_digits() -> None:
    """Others are refused, and not repeated."""
    ada = Gitea().user("ada")

    for code in ("12", "", "1234567", "12345x", "\u0661" * 6, 123456):
        with pytest.raises(ValueError, match="a one-time password is a text of six digits"):
            ada.enroll_totp(code)  # type: ignore[arg-type]
        assert ada.two_factor == ""
    ada.enroll_totp("000000")
    assert (ada.two_factor, ada.otp) == ("totp", "000000")


def test_why_a_password_alone_is_not_enough() -> None:
    """The log tells it apart from a wrong password; the client learns the same of both."""
    gitea = Gitea()
    ada = gitea.user("ada", password=PASSWORD, must_change_password=True)
    assert rights(gitea, ada, Credential("ada", PASSWORD)) == PUBLISH
    ada.enroll_totp("654321")
    said = []

    for shown in (
        [Credential("ada", PASSWORD)],
        [Credential("ada", PASSWORD), OTP],
        [Credential("ada", "wrong horse")],
    ):
        with pytest.raises(Refused) as caught:
            gitea.world.identify(shown, ())
        said.append((caught.value.refusal, caught.value.explanation))
    second = "user ada has a second factor; a password alone is not enough"
    assert [explanation for _, explanation in said[:2]] == [second, second]
    assert said[2][1].startswith("a credential was sent that this registry never issued")
    assert len({refusal for refusal, _ in said}) == 1
    ada.enroll_webauthn()
    with pytest.raises(Refused) as caught:
        gitea.world.identify([Credential("ada", PASSWORD)], ())
    assert caught.value.explanation == second


@pytest.mark.parametrize(
    ("flavour", "alone"),
    [
        *(("gitea@1.21", True), ("gitea@1.22.3", True), ("gitea@1.22.4", False)),
        *(("forgejo@8", True), ("forgejo@9", False)),
    ],
)
def test_security_keys(flavour: str, *, alone: bool) -> None:
    """A registry's client has none to show."""
    gitea = Gitea(flavour)
    ada = gitea.user("ada", password=PASSWORD)
    ada.enroll_webauthn()

    assert rights(gitea, ada, ada.token()) == PUBLISH
    if alone:
        assert rights(gitea, ada, Credential("ada", PASSWORD)) == PUBLISH
    else:
        with pytest.raises(Refused):
            rights(gitea, ada, Credential("ada", PASSWORD))


# -- words -------------------------------------------------------------------------------------------------------------


def test_words_that_are_none() -> None:
    """The error has those that there are, and the nearest."""
    gitea = Gitea()
    ada, tools = gitea.user("ada"), gitea.organization("tools")
    says: list[tuple[Callable[[], object], str]] = [
        (lambda: gitea.user("ada", visibility="internal"), "'internal'; the visibilities are public, limited, private"),  # type: ignore[arg-type]
        (lambda: gitea.organization("x", visibility="privat"), "'privat', did you mean 'private'"),  # type: ignore[arg-type]
        (lambda: setattr(tools, "visibility", "hidden"), "there is no visibility 'hidden'"),
        (lambda: tools.team("t", access="reed"), "there is no access level 'reed', did you mean 'read'"),  # type: ignore[arg-type]
        (lambda: tools.team("t", code="all"), "access level 'all'; the access levels are none, read, write, admin"),  # type: ignore[arg-type]
        (lambda: tools.team("t", access="owner"), "there is no access level 'owner'"),  # type: ignore[arg-type]
        (lambda: setattr(tools.team("t"), "access", "developer"), "there is no access level"),
        (lambda: tools.team("owners", access="read"), "the team 'Owners' may do everything"),
        (lambda: tools.repository("r", teams=["tt"]), "there is no team 'tt'"),
        (lambda: tools.repository("r", teams=[7]), "there is no team 7"),  # type: ignore[list-item]
        (lambda: tools.repository("r", teams="t"), r"teams is a list, as in teams=\[\.\.\.\]"),
        (lambda: ada.repository("r", teams=["t"]), "'ada' is a user, who has no teams"),
        (lambda: setattr(ada, "two_factor", "sms"), "there is no second factor 'sms'"),
    ]

    for say, words in says:
        with pytest.raises(ValueError, match=words):
            say()
    assert tools.repositories == ada.repositories == {}


def test_attributes_take_giteas_words() -> None:
    """A text becomes what it stands for."""
    gitea = Gitea()
    tools = gitea.organization("tools")
    tools.visibility = "limited"  # type: ignore[assignment]

    assert tools.visibility is Visibility.INTERNAL
    assert gitea.organization("tools", visibility="private").visibility is Visibility.PRIVATE


@pytest.mark.parametrize(
    ("setting", "value", "error"),
    [
        ("package_enabled", False, AttributeError),
        ("packages_enabled", "no", ValueError),
        ("quota_enabled", 1, ValueError),
        ("limit_size_pypi", "10 MiB", ValueError),
        ("limit_size_pypi", True, ValueError),
        ("limit_total_owner_count", -2, ValueError),
    ],
)
def test_a_setting_that_is_none(setting: str, value: object, error: type[Exception]) -> None:
    """A wrong name has a hint, a wrong value the right ones."""
    gitea = Gitea()

    with pytest.raises(error, match=setting):
        setattr(gitea.settings, setting, value)
    gitea.settings.limit_size_pypi = 0
    gitea.settings.limit_size_pypi = -1


# -- the registry ------------------------------------------------------------------------------------------------------


def test_a_gitea_is_one() -> None:
    """A Forgejo counts; the typed registry refuses another product, and says what would be right."""
    assert Gitea().flavour.product == "gitea"
    assert Gitea("forgejo").flavour.product == "forgejo"
    for flavour in ("gitlab", "pep503"):
        with pytest.raises(ValueError, match=r"is no Gitea and no Forgejo; try 'gitea@1\.\d+' or 'forgejo@\d+'"):
            Gitea(flavour)


def test_a_feature_of_another_product() -> None:
    """No later release of Gitea has a quota, so the error names who does."""
    gitea = Gitea("gitea@1.23")

    with pytest.raises(NotYet, match=r"gitea@1.23 has no soft quota; choose a product that has it, from forgejo@9 on"):
        gitea.world.require("soft quota")
    with pytest.raises(NotYet, match="no release described here has it"):
        gitea.world.require("a crystal ball")
    Gitea("forgejo@9").world.require("soft quota")


def test_a_registry_of_a_users_own() -> None:
    """What a user owns nobody else writes to: there the user is who publishes, and who reads."""
    for flavour in ("gitea@1.17", "gitea"):
        gitea = Gitea(flavour)
        ada = gitea.user("ada", visibility="private")
        gitea.world.settle(ada)

        assert isinstance(gitea.namespace, User)
        assert rights(gitea, ada, gitea.publisher) == PUBLISH
        assert rights(gitea, ada, gitea.reader) == (READ if flavour == "gitea" else set())
        assert rights(gitea, ada, gitea.stranger) == set()


@pytest.mark.parametrize("flavour", ["gitea", "forgejo"])
def test_real_clients_in_another_organisation(flavour: str) -> None:
    """Upload and install go where the registry's own URLs point."""
    with Gitea(flavour) as gitea:
        tools = gitea.organization("tools", visibility="private")
        gitea.world.settle(tools)
        ada = gitea.user("ada")
        tools.team("builders", access="write", members=[ada])

        gitea.upload(gitea.make_wheel("demo", "1.0"), credential=ada.token(["write:package"]))

        assert isinstance(gitea.namespace, Organization)
        assert gitea.install("demo").distributions() == {"demo": "1.0"}
        assert {exchange.path.split("/")[3] for exchange in gitea.log} == {"tools"}


def test_the_registrys_own_owner_is_another() -> None:
    """From Python as from a file; one of another registry is refused."""
    with Gitea() as gitea:
        gitea.settle(gitea.organization("tools", visibility="private"))
        gitea.upload(gitea.make_wheel("demo", "1.0"))

        assert gitea.upload_url.endswith("/api/packages/tools/pypi")
        assert gitea.install("demo").distributions() == {"demo": "1.0"}
        with pytest.raises(ValueError, match="of this registry"):
            gitea.settle(Gitea().user("ada"))

"""May this caller upload to this project, or begin it?  Checks 11 to 24; warehouse/forklift/legacy.py@6b621571."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from pytest_pyreg.flavours.pypi import features, names, tokens
from pytest_pyreg.flavours.pypi.people import Project, Standing
from pytest_pyreg.flavours.pypi.rates import WINDOW
from pytest_pyreg.flavours.pypi.words import refuse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_pyreg.flavours.pypi.attempt import Attempt
    from pytest_pyreg.flavours.pypi.people import User
    from pytest_pyreg.flavours.pypi.rates import Rates


def project_found(attempt: Attempt) -> None:
    """Find the project, or hold a new one against who begins it and what it is called."""
    name = attempt.core.name
    found = attempt.world.known(canonicalize_name(name))
    if found is not None:
        attempt.project = found
        return
    _may_begin(attempt)
    world, user = attempt.world, attempt.caller.user
    names.checked(name, [project.name for project in world.projects()], set(map(canonicalize_name, world.prohibited)))
    assert user is not None, "publishers begin no projects"
    attempt.new = True
    # Counted before the file is looked at, and not taken back when that is refused (services.py, `_hit_ratelimits`).
    world.rates.hit(f"ip {attempt.visit.address}", f"user {user.name}")
    attempt.project = Project(name, world, attempt.visit.clock.now(), [user])


def _may_begin(attempt: Attempt) -> None:
    world, user = attempt.world, attempt.caller.user
    if user is None:
        raise refuse("publisher creates")
    _trusted(attempt, user, "email", "two factors")
    settings, rates = world.settings, world.rates
    by_ip, by_user = f"ip {attempt.visit.address}", f"user {user.name}"
    limits = {by_ip: settings.new_projects_per_ip, by_user: settings.new_projects_per_user}
    if world.can(features.RATES_TOLD):
        attempt.visit.extra += _told(rates, limits)
    if not all(rates.left(who, limit) for who, limit in limits.items()):
        raise refuse("creation rate")
    if settings.disallow_new_project_registration:
        raise refuse("registration off")


def account_trusted_first(attempt: Attempt) -> None:
    """Ask for e-mail and second factor before anything else, as until April 2026 (#19952)."""
    user = attempt.caller.user
    if user is not None and attempt.world.can(features.EARLY_ACCOUNTS):
        _trusted(attempt, user, "email of owner", "two factors of owner")


def rights_held(attempt: Attempt) -> None:
    """Hold the caller and the token's caveats against the project."""
    caller, project = attempt.caller, attempt.project
    failing = tokens.failing(caller.caveats, project, attempt.visit.clock.now())
    if failing and attempt.world.can(features.DOUBLED):
        failing *= 2  # The copy in the index's database fails too.
    if failing:
        raise refuse("caveats", errors=", ".join(failing))
    if caller.user is not None:
        closed = project.standing is Standing.ARCHIVED
        if closed or caller.user not in (*project.owners, *project.maintainers):
            raise refuse("user not allowed", user=caller.user.name, project=project.name)
        if not attempt.new:
            _trusted(attempt, caller.user, "email of owner", "two factors of owner")
    elif project.standing is not Standing.ACTIVE or caller.publisher not in project.publishers:
        raise refuse("publisher not allowed", project=project.name)


def organization_pays(attempt: Attempt) -> None:
    """Refuse a project whose organisation is not in good standing."""
    organization = attempt.project.organization
    if organization is not None and not organization.good_standing:
        raise refuse("organization")


def begun(attempt: Attempt) -> None:
    """Give a new project its name, now that all is well."""
    world, caller = attempt.world, attempt.caller
    if attempt.new and caller.user is not None:
        world.register(attempt.project)
    # The last upload's spelling is the one that is shown.
    attempt.project.name = attempt.core.name


def _told(rates: Rates, limits: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return the headers that say how many projects may follow (warehouse/rate_limiting/headers.py@6b621571)."""
    hour = int(WINDOW.total_seconds())
    policies, states = [], []
    for who, limit in limits.items():
        kind = who.partition(" ")[0]
        policies.append(f'"project.create.{kind}";q={limit};w={hour};pk=:{kind}:')
        states.append(f'"project.create.{kind}";r={rates.left(who, limit)};t={rates.seconds(who)}')
    return [("RateLimit-Policy", ", ".join(policies)), ("RateLimit", ", ".join(states))]


def _trusted(attempt: Attempt, user: User, email: str, two_factors: str) -> None:
    if not user.email_verified:
        raise refuse(email, user=user.name)
    if not user.two_factor and attempt.world.can(features.TOKENS_NEED_SECOND_FACTOR):
        raise refuse(two_factors, user=user.name)

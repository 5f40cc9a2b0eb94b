"""The REST API of every era; `rest` says what can differ.

routers/api/v1/api.go: offsoc/forgejo tags v1.17.3, v1.18.0-0, v1.19.4-0, v1.20.0, v1.21.11-0, v7.0.0 to v11.0.0,
rohitkumarankam/forgejo v12.0.4 and d883bd8f, okok7711/gitea (1.23), hanzoai/git@82edc3da (1.27) and its history.
1.17.3, 1.23, 1.27, 12 and 17 were asked live, see fixtures/exchanges.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from pytest_pyreg.flavours.gitea import rest_access
from pytest_pyreg.flavours.gitea.rest import ABSENT, RestLayout, Token
from pytest_pyreg.flavours.gitea.rest_access import scope_of
from pytest_pyreg.flavours.gitea.rest_entities import Absent, Entities
from pytest_pyreg.flavours.gitea.rest_words import all_errors, last_error

_QUERY_WARNING = (
    "token and access_token API authentication is deprecated and will be removed in {}. Please use "
    "AuthorizationHeaderToken instead. Existing queries will continue to work but without authorization."
)
_CACHE_1_19 = "max-age=0, private, must-revalidate, no-transform"
_SCOPE = "token does not have at least one of required scope(s)"

# models/packages/package.go, v1.17.3 and v1.18.0-0: a capital letter; a small one in v1.19.4-0.
_1_17 = RestLayout(allow=False, version_absent="Package does not exist", entities=Entities(epochs=False))
_1_17_4 = replace(_1_17, entities=Entities())
_1_18 = replace(_1_17_4, allow=True)  # A bound.
_1_19 = replace(
    _1_18,
    version_absent=ABSENT,
    entities=Entities(login_name=True, org_name=True),
    token=Token.AFTER,
    scope=rest_access.scope_1_19,
    scope_after=True,
    scope_words="token does not have required scope: {required}",
    headers={**_1_17.headers, "Cache-Control": _CACHE_1_19},
)
# #24767: scopes are asked for by category, before it is looked who owns what.
_1_20 = replace(_1_19, scope=scope_of("package"), scope_after=False, scope_words=f"{_SCOPE}: [{{required}}]")
_1_21 = replace(_1_20, entities=replace(_1_20.entities, html_url=True, org_email=True))
_1_22 = replace(
    _1_21,
    warning=("X-Gitea-Warning", _QUERY_WARNING.format("gitea 1.23")),
    why=partial(last_error, ""),
    entities=replace(_1_21.entities, user_html_url=True, key="", people_hidden=True),
)
_1_23 = replace(_1_22, scope_words=f"{_SCOPE}, required=[{{required}}], token scope={{held}}")  # #32633.
# #33481, #33610, #33861 and #34173, all before 1.24; HEAD by #33690 (measured in 1.27); the words for no latest
# version are Go's for a nil (inferred).
_1_24 = replace(
    _1_23,
    entities=replace(_1_23.entities, size="size"),
    token=Token.FIRST,
    version_absent=f"GetVersionByNameAndVersion: {ABSENT}",
    latest="%!s(<nil>)",
    versions=True,
    links=True,
    head=True,
    headers={**_1_23.headers, "Cache-Control": "max-age=0, private, must-revalidate"},
)
_1_25_2 = replace(_1_24, wrong="invalid username, password or token")
# #37026, and files by name.
_1_26 = replace(
    _1_25_2,
    entities=replace(_1_25_2.entities, files_by_name=True, absent=Absent.SHORT),
    package_absent=f"GetPackageByName: {ABSENT}",
    package_asked=True,
    whole=True,
    nothing_first=True,
)
_1_27 = replace(_1_26, latest="not found")  # #38012.

_7 = replace(
    _1_21,
    why=partial(last_error, ""),
    entities=replace(_1_21.entities, pronouns=True, key="", people_hidden=True, absent=Absent.LAST),
)
_9 = replace(_7, entities=replace(_7.entities, user_html_url=True))
_11 = replace(_9, token=Token.FIRST, links=True)
_12 = replace(_11, warning=("Warning", _QUERY_WARNING.format("Forgejo v13.0.0")), token=Token.TO_WRITE)  # #7716.
_16 = replace(_12, why=all_errors)  # services/auth/method/group.go (#12231), in v15.0.2 too.
_17 = replace(
    _16,
    entities=replace(_16.entities, org_created=True),
    headers={**_12.headers, "Cache-Control": "max-age=0, private, must-revalidate"},
)  # A bound.

(ROUTES_1_17, ROUTES_1_19, ROUTES_1_20, ROUTES_1_21, ROUTES_1_22, ROUTES_1_23, ROUTES_1_24) = (
    layout.routes() for layout in (_1_17, _1_19, _1_20, _1_21, _1_22, _1_23, _1_24)
)
ROUTES_1_17_4 = _1_17_4.routes()
ROUTES_1_18, ELSEWHERE_1_18 = _1_18.routes(), _1_18.elsewhere()
ROUTES_1_25_2, ROUTES_1_26, ROUTES_1_27 = (layout.routes() for layout in (_1_25_2, _1_26, _1_27))
ROUTES_F7, ROUTES_F9, ROUTES_F11, ROUTES_F12 = (layout.routes() for layout in (_7, _9, _11, _12))
ROUTES_F16, ROUTES_F17 = (layout.routes() for layout in (_16, _17))
(ELSEWHERE_1_17, ELSEWHERE_1_19, ELSEWHERE_1_20, ELSEWHERE_1_21, ELSEWHERE_1_22, ELSEWHERE_1_23, ELSEWHERE_1_24) = (
    layout.elsewhere() for layout in (_1_17, _1_19, _1_20, _1_21, _1_22, _1_23, _1_24)
)
ELSEWHERE_1_25_2, ELSEWHERE_1_26, ELSEWHERE_1_27 = (layout.elsewhere() for layout in (_1_25_2, _1_26, _1_27))
ELSEWHERE_F7, ELSEWHERE_F9, ELSEWHERE_F11, ELSEWHERE_F12, ELSEWHERE_F16, ELSEWHERE_F17 = (
    layout.elsewhere() for layout in (_7, _9, _11, _12, _16, _17)
)

"""What changed in GitLab since 12.10, release by release, each with where that is known from.

Sources are files of gitlabhq/gitlabhq at the commit after the `@`, unless another repository is named.  `cases` are the
rows of fixtures/conformance/gitlab.json.  Where a source tells a bound and no exact release, that is said.
"""

from __future__ import annotations

from pytest_pyreg.flavours.base import Era
from pytest_pyreg.flavours.gitlab import demands, features, layouts, rest
from pytest_pyreg.flavours.gitlab.replies import UNAUTHORIZED, file_exists, message, release_invalid, unauthorized
from pytest_pyreg.refusals import Refusal

_PREFIX = "400 Bad request - "

ERAS = (
    Era(
        "13.0",
        "cases token-deploy-token-header; nickbrandt/GitLab@d431e8bf ee/lib/api/helpers/packages/basic_auth_helpers.rb",
        {
            "routes": layouts.AT_13_0.routes(),
            "features": {
                features.DEPLOY_TOKENS: "lib/api/helpers/packages/basic_auth_helpers.rb",
                features.LATE_LISTING: "",
            },
        },
    ),
    Era("13.1", "spec: deploy tokens by basic auth (cases deploy-*)", {"routes": layouts.AT_13_1.routes()}),
    Era("13.2", "merge request 35080 (June 2020): versions are held against a pattern", {"rules": demands.RULES_13_2}),
    Era(
        "13.3",
        "docs 13.3 (free tier); pypa/twine#697 on 13.3.6: the same file again is refused; mehulagg/gitlab@d7764001: "
        "the challenge has its name back, without quotes",
        {
            "rules": demands.RULES_13_3,
            "replies": unauthorized(
                message(401, "401 Unauthorized", Www_Authenticate="Basic realm=GitLab Packages Registry")
            ),
        },
    ),
    Era(
        "13.4",
        "docs 13.4: CI job tokens, names are compared normalized (merge request 44807 may belong to 13.5); "
        "mehulagg/gitlab@25905901 lib/api/pypi_packages.rb",
        {
            "routes": layouts.AT_13_4.routes(),
            "features": {features.JOB_TOKENS: "docs 13.4"},
            "exact_names": False,
        },
    ),
    Era(
        "13.5",
        "spec: plan limit for the size (case size-over-rails); nickbrandt/GitLab@0e7fe044: personal tokens by header; "
        "mehulagg/gitlab_test@dbf951fc: lists of packages without their other versions",
        {
            "routes": {**layouts.AT_13_5.routes(), **rest.ROUTES_13_5},
            "features": {features.HEADER_TOKENS: "lib/gitlab/auth/auth_finders.rb"},
            "rules": demands.RULES_13_5,
            "replies": {Refusal.FILE_TOO_LARGE: message(400, "400 Bad request - File is too large")},
        },
    ),
    Era("13.6", "@a1498861 lib/api/entities/package.rb: a package's pipelines (bound)", {"routes": rest.ROUTES_13_6}),
    Era("13.9", "docs 13.9: a package's status", {"routes": rest.ROUTES_13_9}),
    Era(
        "13.12",
        "merge request 61189: group addresses; merge request 57029 (13.11 or 13.12): the rate limiter; content id "
        "588797932: the challenge in quotes; merge request 60970: a single file can be deleted",
        {
            "routes": {**layouts.AT_13_12.routes(), **rest.ROUTES_13_12},
            "features": {features.GROUPS: "lib/api/pypi_packages.rb, content id 728752055"},
            "replies": unauthorized(UNAUTHORIZED),
        },
    ),
    Era(
        "14.0",
        "@a5f4bba4 shared examples: projects by path, requires_python optional (merge request 81946 says 14.9), "
        "sha256 has 64 hex digits; first minors not verified",
        {
            "routes": layouts.AT_14_0.routes(),
            "features": {features.PATH_IDS: "cases deploy-*-path-id"},
            "rules": demands.RULES_14_0,
        },
    ),
    Era(
        "14.2",
        "merge request 67962: what is not there is looked for on the public index",
        {"features": {features.FORWARDING: "lib/api/helpers/packages/dependency_proxy_helpers.rb@40e8ba2f"}},
    ),
    Era(
        "15.0",
        "cases archived-upload and field-fips-md5-dropped; first minors not verified",
        {
            "routes": {**layouts.AT_15_0.routes(), **rest.ROUTES_15_0},
            "features": {features.ARCHIVED: "app/policies/concerns/archived_abilities.rb, content id 472238348"},
        },
    ),
    Era(
        "15.1",
        "docs 15.1: root indexes; @0ea3fcec app/presenters/packages/pypi/simple_presenter_base.rb: no <br>",
        {"routes": layouts.AT_15_1.routes(), "page": demands.PAGE_15_1},
    ),
    Era(
        "15.3",
        "python-poetry/poetry#6262 (August 2022): downloads ask who comes; @286bddcf basic_auth_helpers.rb; "
        "merge request 91437: job tokens in the packages REST API",
        {"routes": {**layouts.AT_15_3.routes(), **rest.ROUTES_15_3}},
    ),
    Era(
        "15.7",
        "@0c872e02 spec, issue 410139: anyone may pull; group settings for forwarding (epic 8067; minor not verified)",
        {
            "routes": rest.ROUTES_15_7,
            "features": {
                features.EVERYONE: "spec: package_registry_access_level public",
                features.GROUP_FORWARDING: "namespace package settings, content id 602534718; minor not verified",
            },
        },
    ),
    Era(
        "16.0",
        "@dfd347c1 policies: the job token allowlist; labkit 0.32.0: X-Gitlab-Meta; merge request 116059: job "
        "tokens for package files",
        {
            "routes": rest.ROUTES_16_0,
            "features": {features.ALLOWLIST: "issue 340822 (new projects from 15.9 on)"},
            "headers": {"X-Gitlab-Meta": '{{"correlation_id":"{request_id}","version":"1"}}'},
        },
    ),
    Era(
        "16.1", "shaik1002/biggitlabbomb@c8e6f625: a package's pipelines have an address", {"routes": rest.ROUTES_16_1}
    ),
    Era(
        "16.6", "merge request 131327: more metadata is stored, and refused if too long", {"rules": demands.RULES_16_6}
    ),
    Era("16.7", "merge request 137000: a long description is cut", {"rules": demands.RULES_16_7}),
    Era("16.10", "merge request 144983: long keywords are cut", {"rules": demands.RULES_16_10}),
    Era(
        "16.11",
        "merge request 147891: every long field is cut; merge request 141386: the service's errors pass `bad_request!` "
        "(between 16.9 and 17.0)",
        {
            "rules": demands.RULES_16_11,
            "replies": {
                Refusal.RELEASE_INVALID: release_invalid(_PREFIX),
                Refusal.FILE_EXISTS: file_exists(_PREFIX),
            },
        },
    ),
    Era(
        "17.0",
        "@58e008dc: nothing before the doctype (merge request 163335 of August 2024 may belong to 17.4); docs 17",
        {"page": demands.PAGE_17_0},
    ),
    Era(
        "17.6",
        "docs 17.6: package protection rules; @09f6ce9f app/services/packages/protection/",
        {"routes": layouts.AT_17_6.routes(), "features": {features.PROTECTION: "docs 17.6"}},
    ),
    Era(
        "17.9",
        "@63dd1256 config/feature_flags: guests may pull, off by default",
        {"features": {features.GUESTS_PULL: "app/policies/packages/policies/project_policy.rb"}},
    ),
    Era(
        "17.10",
        "docs 17.10: deletion protection, behind its flag; merge request 179931",
        {
            "features": {
                features.DELETE_PROTECTION: "docs 17.10",
                features.PROTECT_DELETE: "spec/requests/api/package_files_spec.rb@017a6c12",
            }
        },
    ),
    Era(
        "17.11",
        "spec, content id 1495076793: fine-grained permissions of job tokens (behind a flag in 17.9)",
        {
            "routes": {**layouts.AT_17_11.routes(), **rest.ROUTES_17_11},
            "features": {features.JOB_PERMISSIONS: "lib/api/helpers.rb, `authorize_job_token_policies!`"},
        },
    ),
    Era(
        "18.0",
        "pavankalisetti009/gitlab@051a4500 lib/api/helpers.rb: jobs read a public registry without a permission",
        {"features": {features.JOBS_READ_PUBLIC: "cases jobpolicy-*-public-feature-*"}},
    ),
    Era(
        "18.10",
        "@b1ec9a7e flag file, @a263bb99 and @b7035159 presenters: pages as JSON, off by default",
        {
            "features": {features.JSON: "config/feature_flags, milestone 18.10"},
            "json": demands.JSON_PAGES,
        },
    ),
    Era(
        "19.0",
        "@0739b8bf lib/api/pypi_packages.rb; EE spec, content id 61370057509: the dependency firewall; content id "
        "52176259516: protection rules compare normalized names; content id 56114130650: policies",
        {
            "routes": {**layouts.AT_19_0.routes(), **rest.ROUTES_19_0},
            "features": {
                features.FIREWALL: "EE, Ultimate; spec content id 61370057509",
                features.NORMALIZED_PROTECTION: "content id 52176259516",
                features.JOBS_SEE_CLOSED: "content id 56114130650",
            },
        },
    ),
)

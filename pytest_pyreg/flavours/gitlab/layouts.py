"""GitLab's PyPI addresses by release: what each asks of a caller, as differences; `eras` says from when and why."""

from __future__ import annotations

from dataclasses import replace

from pytest_pyreg.flavours.gitlab.authentication import BASIC_DEPLOY, BASIC_JOB, DEPLOY, PERSONAL
from pytest_pyreg.flavours.gitlab.checks import (
    digest_demanded,
    firewall_passed,
    job_permitted,
    name_unprotected,
    number_demanded,
    packages_on,
    requests_counted,
)
from pytest_pyreg.flavours.gitlab.facts import LAYOUT
from pytest_pyreg.flavours.gitlab.replies import message
from pytest_pyreg.identity import Decision, Manners
from pytest_pyreg.refusals import Refusal
from pytest_pyreg.steps import (
    authorised,
    fields_valid,
    file_stored,
    filename_cleaned,
    form_read,
    identified,
    names_safe,
    namespace_known,
    release_valid,
    size_allowed,
)

AT_13_0 = replace(LAYOUT, accepted=LAYOUT.accepted | {DEPLOY})
AT_13_1 = replace(AT_13_0, accepted=AT_13_0.accepted | {BASIC_DEPLOY})
AT_13_4 = replace(
    AT_13_1,
    accepted=AT_13_1.accepted | {BASIC_JOB},
    # Still open to everybody, but a credential that is sent must be right: it is counted who downloads.
    file=(*LAYOUT.file, identified),
)
AT_13_5 = replace(AT_13_4, accepted=AT_13_4.accepted | {PERSONAL})
_COUNTED = (requests_counted, packages_on)
AT_13_12 = replace(
    AT_13_5,
    read=(requests_counted, *AT_13_5.read),
    file=(requests_counted, *AT_13_5.file),
    upload=(requests_counted, *AT_13_5.upload),
    group_read=(*_COUNTED, names_safe, namespace_known, identified, authorised),
    group_file=(*_COUNTED, names_safe, namespace_known, identified),
)
AT_14_0 = replace(
    AT_13_12,
    read=(*_COUNTED, names_safe, namespace_known, identified, authorised),
    file=(*_COUNTED, names_safe, namespace_known, identified),
    upload=tuple(step for step in AT_13_12.upload if step is not number_demanded),
)
AT_15_0 = replace(
    AT_14_0,
    store=(
        form_read,
        fields_valid,
        size_allowed,
        digest_demanded,
        release_valid,
        filename_cleaned,
        file_stored,
    ),
)
AT_15_1 = replace(AT_15_0, index=True)
# lib/api/helpers/packages/basic_auth_helpers.rb@286bddcf: who sees the project and may not read its packages is told.
AT_15_3 = replace(
    AT_15_1,
    file=AT_15_1.read,
    group_file=AT_15_1.group_read,
    manners=Manners(Decision.FORBIDDEN, Decision.UNAUTHENTICATED),
)
AT_17_6 = replace(
    AT_15_3,
    store=(
        form_read,
        fields_valid,
        size_allowed,
        digest_demanded,
        name_unprotected,
        release_valid,
        filename_cleaned,
        file_stored,
    ),
)
# A job's permissions are asked for before the right to create (API@63dd1256, `authorize`).
AT_17_11 = replace(
    AT_17_6,
    read=(*AT_17_6.read, job_permitted),
    file=(*AT_17_6.file, job_permitted),
    upload=(*AT_17_6.upload[:-1], job_permitted, authorised),
)
AT_19_0 = replace(
    AT_17_11,
    file=(*AT_17_11.file, firewall_passed),
    store=(
        form_read,
        fields_valid,
        size_allowed,
        firewall_passed,
        digest_demanded,
        name_unprotected,
        release_valid,
        filename_cleaned,
        file_stored,
    ),
    project_file_replies={Refusal.FILE_UNKNOWN: message(404, "404 Package Not Found")},
    forward=True,
)

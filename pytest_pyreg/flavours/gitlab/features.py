"""What GitLab can do at a release, in words that errors and `pyreg flavours` show."""

from __future__ import annotations

DEPLOY_TOKENS = "deploy tokens"
JOB_TOKENS = "job tokens"
HEADER_TOKENS = "personal tokens by header"
GROUPS = "group addresses"
PATH_IDS = "projects named by their path"
FORWARDING = "forwarding"
GROUP_FORWARDING = "forwarding by group"
ARCHIVED = "archived projects are read only"
EVERYONE = "package registry for everyone"
ALLOWLIST = "job token allowlist"
JOB_PERMISSIONS = "fine-grained job token permissions"
JOBS_READ_PUBLIC = "jobs read public registries without permission"
JOBS_SEE_CLOSED = "jobs see public projects whose registry is for members"
PROTECTION = "package protection rules"
DELETE_PROTECTION = "package deletion protection rules"
NORMALIZED_PROTECTION = "protection rules compare normalized names"
LATE_LISTING = "the list of packages lags behind by up to ten minutes"

# Feature flags, by their own names.
GUESTS_PULL = "allow_guest_plus_roles_to_pull_packages"
JSON = "pypi_pep_691_json"
PROTECT_DELETE = "packages_protected_packages_delete"
FIREWALL = "dependency_firewall_phase1"

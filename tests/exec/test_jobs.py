"""What a job of each CI system has, and how far it comes with that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import Registry, make_wheel
from pytest_pyreg.clients.ci import KINDS
from pytest_pyreg.model import Visibility
from tests.exec.conftest import run

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

PRINT = ["python", "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
README_LINE = (
    "TWINE_USERNAME=gitlab-ci-token TWINE_PASSWORD=$CI_JOB_TOKEN python -m twine upload "
    "--repository-url ${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/packages/pypi dist/*"
)
ACTIONS_LINE = (
    "TWINE_USERNAME=any TWINE_PASSWORD=$GITHUB_TOKEN twine upload --repository-url "
    "$GITHUB_SERVER_URL/api/packages/$GITHUB_REPOSITORY_OWNER/pypi dist/*"
)
READY = ("TWINE_PASSWORD", "TWINE_USERNAME", "UV_PUBLISH_PASSWORD", "POETRY_HTTP_BASIC_PYREG_PASSWORD", "FLIT_PASSWORD")


def has(*arguments: str, cwd: Path | None = None) -> dict[str, str]:
    """Return the environment of a command."""
    result = run(*arguments, "--", *PRINT, cwd=cwd)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path) -> Path:
    """A project that was built."""
    make_wheel("demo", "1.0", requires_python=">=3.8").write_to(tmp_path / "dist")
    return tmp_path


def publish(flavour: str, line: str, checkout: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a publish job's line."""
    return run(flavour, *options, "--", "sh", "-c", line, cwd=checkout)


@pytest.mark.parametrize("flavour", ["gitlab@13.4", "gitlab"])
def test_the_publish_job_of_the_readme(checkout: Path, flavour: str) -> None:
    """On the oldest release that takes job tokens, and on the newest; with another token it is refused."""
    result = publish(flavour, README_LINE, checkout, "--ci", "gitlab")
    refused = publish(flavour, README_LINE.replace("$CI_JOB_TOKEN", "wrong"), checkout, "--ci", "gitlab")

    assert result.returncode == 0, result.stderr
    assert "-> 201 Created  demo-1.0-py3-none-any.whl  [a CI job of publisher in acme/demo]" in result.stderr
    assert refused.returncode == 1
    assert "-> 401 Unauthorized" in refused.stderr


def test_before_there_were_job_tokens(checkout: Path) -> None:
    """A job of GitLab 12.10 has a token, which its package registry does not take."""
    result = publish("gitlab@12.10", README_LINE, checkout, "--ci", "gitlab")

    assert result.returncode == 1
    assert "-> 401 Unauthorized" in result.stderr


def test_a_gitlab_job_has_what_its_release_has(tmp_path: Path) -> None:
    """The variables of its days, each with what it says there."""
    old, new = (has(flavour, "--ci", "gitlab", cwd=tmp_path) for flavour in ("gitlab@12.10", "gitlab@17.4"))
    young = {"CI_PROJECT_ROOT_NAMESPACE", "CI_JOB_NAME_SLUG", "CI_PROJECT_NAMESPACE_ID", "CI_API_GRAPHQL_URL"}

    assert young | {"CI_SERVER_FQDN"} == {name for name in new.keys() - old.keys() if name.startswith("CI")}
    assert (old["CI_SERVER_VERSION"], new["CI_SERVER_VERSION"]) == ("12.10.0", "17.4.0")
    assert new["CI_PROJECT_DIR"] == str(tmp_path)
    assert new["GITLAB_USER_LOGIN"] == "publisher"


@pytest.mark.parametrize(("product", "old"), [("gitea", "gitea@1.19"), ("forgejo", "forgejo@7")])
def test_a_job_token_of_gitea_writes_nowhere(checkout: Path, product: str, old: str) -> None:
    """At no release that is described: the job is a user of the system's own, who is a member of nothing."""
    for flavour in (old, product):
        refused = publish(flavour, ACTIONS_LINE, checkout, "--ci", product)

        assert refused.returncode == 1
        assert "-> 401 Unauthorized  [a CI job of acme/demo]" in refused.stderr
        assert "a CI job of acme/demo may not see 'acme'" in refused.stderr


@pytest.mark.parametrize("product", ["gitea", "forgejo"])
def test_a_job_token_of_gitea_reads_what_users_read(product: str) -> None:
    """What is limited to those who are signed in, and no private owner's."""
    with Registry(product) as registry:
        token = registry.ci_env()["GITHUB_TOKEN"]
        registry.add(make_wheel("demo", "1.0"))
        asked = {}
        for visibility in (Visibility.PRIVATE, Visibility.INTERNAL, Visibility.PUBLIC):
            registry.namespace.visibility = visibility
            answers = [
                requests.get(f"{registry.index_url}/demo", auth=auth, timeout=5).status_code
                for auth in (("any", token), None)
            ]
            asked[visibility.value] = [answer == 200 for answer in answers]

        assert asked == {"private": [False, False], "internal": [True, False], "public": [True, True]}
        assert registry.ci_env()["GITHUB_TOKEN"] == token
        assert token not in registry.report()


def test_before_there_were_jobs() -> None:
    """Gitea 1.18 has none: no variables by themselves, and whoever asks for them is told."""
    wrong = run("gitea@1.18", "--ci", "gitea", "--", "true")

    assert "GITEA_ACTIONS" not in has("gitea@1.18")
    assert has("gitea@1.19")["GITEA_ACTIONS"] == "true"
    assert wrong.returncode == 2
    assert "gitea@1.18 had no CI system of its own yet; choose a later release" in wrong.stderr


def test_forgejo_says_it_twice() -> None:
    """Under its own names, and under those that it has taken over."""
    found = has("forgejo", "--ci", "forgejo")

    for name in ("TOKEN", "SERVER_URL", "API_URL", "REPOSITORY", "SHA", "OUTPUT"):
        assert found[f"FORGEJO_{name}"] == found[f"GITHUB_{name}"] != ""


@pytest.mark.parametrize("kind", KINDS[:-1])
@pytest.mark.parametrize("flavour", ["gitlab", "gitea", "forgejo", "pypi", "pep503"])
def test_a_job_has_no_credential_but_its_own(flavour: str, kind: str) -> None:
    """Beside any registry: no client is told a password, and nobody goes anywhere but to this machine."""
    found = has(flavour, "--ci", kind)

    assert not set(READY) & found.keys()
    assert found["PIP_INDEX_URL"].startswith("http://127.0.0.1:")
    assert "@" not in found["PIP_INDEX_URL"] + found["UV_DEFAULT_INDEX"]
    assert ("TWINE_REPOSITORY_URL" in found) == (flavour == "pypi")
    assert found["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert found["CI"] == "true"
    assert found["PYREG_URL"] == found["PYREG_UPLOAD_URL"][: len(found["PYREG_URL"])]
    server = found.get("CI_SERVER_URL") or found["GITHUB_SERVER_URL"]
    assert (server == found["PYREG_URL"]) == (kind == flavour)


def test_a_job_of_another_system(checkout: Path) -> None:
    """Its token is of the right kind and good for nothing here, which is said; one that it is given is."""
    line = "TWINE_USERNAME=gitlab-ci-token TWINE_PASSWORD={} twine upload --repository-url $PYREG_UPLOAD_URL dist/*"

    refused = publish("gitea", line.format("$CI_JOB_TOKEN"), checkout, "--ci", "gitlab")
    result = publish("gitea", line.format("$PYREG_TOKEN_PUBLISHER"), checkout, "--ci", "gitlab")

    assert "the job is one of https://gitlab.example: nothing that it has is good here" in refused.stderr
    assert "a credential was sent that this registry never issued" in refused.stderr
    assert refused.returncode == 1
    assert result.returncode == 0, result.stderr
    assert "-> 201 Created" in result.stderr


def test_a_github_job_beside_the_public_index(checkout: Path) -> None:
    """It publishes with a token that it is given; nobody gives it an identity token; it has its files."""
    line = (
        "set -e; echo name=value >> $GITHUB_OUTPUT; test -d $RUNNER_TEMP; cat $GITHUB_EVENT_PATH; "
        "TWINE_USERNAME=__token__ TWINE_PASSWORD={} twine upload dist/*"
    )

    result = publish("pypi", line.format("$PYREG_TOKEN_PUBLISHER"), checkout, "--ci", "github")
    refused = publish("pypi", line.format("$PYREG_TOKEN_STRANGER"), checkout, "--ci", "github")

    assert result.returncode == 0, result.stderr
    assert "-> 200 OK  demo-1.0-py3-none-any.whl" in result.stderr
    assert refused.returncode == 1
    assert "-> 403" in refused.stderr
    assert not {"GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"} & has("pypi", "--ci", "github").keys()


def test_what_a_job_installs_is_the_public_indexs(checkout: Path, tmp_path: Path) -> None:
    """That is, what `--upstream` says; the registry's own is asked by whom the job tells so."""
    make_wheel("helper", "2.0").write_to(tmp_path / "wheels")
    login = "http://gitlab-ci-token:$CI_JOB_TOKEN@$CI_SERVER_FQDN/api/v4/projects/$CI_PROJECT_ID/packages/pypi/simple"
    line = (
        f"set -e; pip install --target site helper; {README_LINE}; pip install --target site --index-url {login} demo"
    )

    result = publish("gitlab", line, checkout, "--ci", "gitlab", "--upstream", str(tmp_path / "wheels"))
    without = publish("gitlab", line, checkout, "--ci", "gitlab")
    wrong = publish("gitlab", line, checkout, "--upstream", str(tmp_path / "absent"))

    assert result.returncode == 0, result.stderr
    assert {path.name for path in (checkout / "site").iterdir()} >= {"helper", "demo"}
    assert without.returncode == 1
    assert "GET /simple/helper/ -> 404" in without.stderr
    assert wrong.returncode == 2
    assert "--upstream takes one with wheels" in wrong.stderr


def test_without_a_job_all_is_ready(checkout: Path) -> None:
    """`--ci none`: twine, pip and the others publish and install here as they are, and no CI system is to be seen."""
    line = 'set -e; twine upload dist/*; pip install --target site demo; test -z "$CI$GITLAB_CI$CI_JOB_TOKEN"'

    result = publish("gitlab", line, checkout, "--ci", "none")

    assert result.returncode == 0, result.stderr
    assert "[user publisher]" in result.stderr
    assert "no job has" not in result.stderr


def test_both_by_itself(checkout: Path) -> None:
    """Without `--ci` clients are ready and the product's own variables there; who published as no job could is told."""
    ready = publish("gitlab", "twine upload dist/*", checkout)
    job = publish("gitlab", README_LINE, checkout)

    assert ready.returncode == job.returncode == 0
    hint = "that was user publisher with the ready-made token, which no job has; --ci gitlab has only what a job has"
    assert hint in ready.stderr
    assert "no job has" not in job.stderr


def test_a_job_that_does_not_know_where_to_go(checkout: Path) -> None:
    """A line that only works with ready clients fails as it would there, goes nowhere, and we say why."""
    result = publish("gitlab", "TWINE_USERNAME=a TWINE_PASSWORD=b twine upload dist/*", checkout, "--ci", "gitlab")
    other = publish("gitlab", "true", checkout, "--ci", "gitlab")

    assert result.returncode == 1
    assert "nothing came to the registry: a job is not told where it is" in result.stderr
    assert "nothing came" not in other.stderr


def test_tokens_of_a_world_file(checkout: Path) -> None:
    """They are there in every mode, the ready ones too."""
    (checkout / "world.toml").write_text(
        '[users.ada]\n[projects."acme/demo"]\nmembers = { ada = "maintainer" }\n'
        '[tokens.ci]\nkind = "personal"\nuser = "ada"\nscopes = ["api"]\n'
    )

    found = has("gitlab", "--ci", "github", "--world", str(checkout / "world.toml"))

    assert found["PYREG_TOKEN_CI_USERNAME"] == "ada"
    assert {f"PYREG_TOKEN_{name}" for name in ("CI", "PUBLISHER", "READER", "STRANGER")} <= found.keys()


def test_an_unknown_system() -> None:
    """The right ones are named."""
    result = run("--ci", "jenkins", "--", "true")

    assert result.returncode == 2
    assert all(kind in result.stderr for kind in KINDS)

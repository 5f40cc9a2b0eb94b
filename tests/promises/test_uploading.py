"""What GitLab's documents promise to who uploads: rows 1 to 5 and 9 of the promises."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests

from pytest_pyreg import Credential, NotYet, make_sdist, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_pyreg import Dist, Registry, SystemClock
    from pytest_pyreg.flavours.gitlab.world import GitLabWorld
    from tests.promises.conftest import Addresses, Shell

EVERY = ["12.10", "13.4", "17.4", "18.2"]
FROM_13 = EVERY[1:]
FROM_17 = EVERY[2:]
DEMO = "mypypipackage"

TWINE = "python3 -m twine upload --repository-url {url} dist/*"
UV = "uv publish --publish-url {url} --username {username} --password {password} dist/*"
CLIENTS = [pytest.param(TWINE, id="twine"), pytest.param(UV, id="uv")]

CI_JOB = """\
set -e
pip install build twine
python -m build
TWINE_PASSWORD=${CI_JOB_TOKEN} TWINE_USERNAME=gitlab-ci-token \
python -m twine upload --repository-url ${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/packages/pypi dist/*
"""

BACKEND = """
import io, tarfile, zipfile
META = b"Metadata-Version: 2.1\\nName: mypypipackage\\nVersion: 0.0.1\\nRequires-Python: >=3.6\\n"
def build_sdist(directory, config_settings=None):
    name = "mypypipackage-0.0.1.tar.gz"
    with tarfile.open(directory + "/" + name, "w:gz") as archive:
        for path in ("pyproject.toml", "mypypipackage.py"):
            archive.add(path, "mypypipackage-0.0.1/" + path)
        member = tarfile.TarInfo("mypypipackage-0.0.1/PKG-INFO")
        member.size = len(META)
        archive.addfile(member, io.BytesIO(META))
    return name
def build_wheel(directory, config_settings=None, metadata_directory=None):
    name, info = "mypypipackage-0.0.1-py3-none-any.whl", "mypypipackage-0.0.1.dist-info/"
    with zipfile.ZipFile(directory + "/" + name, "w") as archive:
        archive.write("mypypipackage.py")
        archive.writestr(info + "METADATA", META)
        archive.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(info + "RECORD", "")
    return name
"""


def project(folder: Path) -> Dist:
    """Write a project whose build backend is on the public index; return that backend."""
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["tiny-backend"]\nbuild-backend = "tiny_backend"\n'
    )
    (folder / "mypypipackage.py").write_text("GREETING = 'hello'\n")
    return make_wheel("tiny-backend", "1.0", files={"tiny_backend.py": BACKEND})


@pytest.mark.parametrize("gitlab", EVERY, indirect=True)
@pytest.mark.parametrize("line", CLIENTS)
def test_upload_with_a_personal_access_token(
    gitlab: Registry,
    world: GitLabWorld,
    clock: SystemClock,
    at: Addresses,
    shell: Shell,
    demo: tuple[Dist, Dist],
    reader: Credential,
    line: str,
) -> None:
    """Row 1: a developer's token of scope `api`, as `TWINE_USERNAME` and `TWINE_PASSWORD`, uploads `dist/`."""
    shell.dist(*demo)
    url = at.upload(world.home)

    def upload(who: Credential) -> tuple[str, dict[str, str]]:
        command = line.format(url=url, username=who.username, password=who.secret)
        return command, {"TWINE_USERNAME": who.username, "TWINE_PASSWORD": who.secret}

    for who, status, reason in (
        (Credential("__token__", "glpat-never-issued-at-all"), 401, "Unauthorized"),
        (world.user("publisher").personal_token(["read_api"]), 403, "Forbidden"),  # The scope is too small,
        (world.user("reader").personal_token(["api"]), 403, "Forbidden"),  # and so is the role.
        (gitlab.stranger, 404, "Not Found"),  # No member: the project is hidden.
    ):
        command, env = upload(who)
        printed = shell.fail(command, **env)
        assert f"{status} {reason}" in printed
        assert {exchange.status for exchange in shell.new()} == {status}
    assert gitlab.files(DEMO) == set()

    command, env = upload(Credential("__token__", gitlab.publisher.secret))
    shell.run(command, **env)

    assert gitlab.files(DEMO) == {dist.name for dist in demo}
    assert [(exchange.status, exchange.who) for exchange in shell.new()] == [(201, "user publisher")] * 2
    clock.advance(minutes=10)  # In 12.10 the list may take that long.
    listed = requests.get(
        f"{at.api(world.home)}/packages", headers={"PRIVATE-TOKEN": gitlab.reader.secret}, timeout=5
    ).json()
    assert [(package["name"], package["version"], package["package_type"]) for package in listed] == [
        (DEMO, "0.0.1", "pypi")
    ]
    shell.run(f"pip install --index-url {at.index(world.home, reader)} --no-deps {DEMO}")
    assert shell.installed == {DEMO: "0.0.1"}


@pytest.mark.parametrize("gitlab", FROM_13, indirect=True)
@pytest.mark.parametrize("place", ["project", "group"])
def test_upload_with_a_deploy_token(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist], place: str
) -> None:
    """Row 2: a deploy token of scope `write_package_registry` uploads and installs; one that only reads is refused."""
    shell.dist(*demo)
    owner = world.home if place == "project" else world.group("acme")
    reads = owner.deploy_token(["read_package_registry"])
    writes = owner.deploy_token(["write_package_registry"])
    elsewhere = world.project("acme/other").deploy_token(["write_package_registry"])
    line = TWINE.format(url=at.upload(world.home))

    for who, status in ((reads, 403), (elsewhere, 404)):
        printed = shell.fail(line, TWINE_USERNAME=who.username, TWINE_PASSWORD=who.secret)
        assert str(status) in printed
        assert [exchange.status for exchange in shell.new()] == [status]
    assert gitlab.files(DEMO) == set()

    shell.run(line, TWINE_USERNAME=writes.username, TWINE_PASSWORD=writes.secret)

    assert gitlab.files(DEMO) == {dist.name for dist in demo}
    assert {exchange.who for exchange in shell.new()} == {f"deploy token {writes.username}"}
    shell.run(f"pip install --index-url {at.index(world.home, reads)} --no-deps {DEMO}")
    assert shell.installed == {DEMO: "0.0.1"}


@pytest.mark.parametrize("gitlab", ["12.10"], indirect=True)
def test_12_10_takes_personal_tokens_alone(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist]
) -> None:
    """Rows 2 and 3, before they are promised: nobody makes such tokens yet, and one that came all the same is none."""
    publisher = world.user("publisher")
    with pytest.raises(NotYet, match="deploy tokens"):
        world.home.deploy_token(["write_package_registry"])
    with pytest.raises(NotYet, match="job tokens"):
        world.home.job_token(publisher)
    shell.dist(*demo)
    deploy = world.issue_deploy_token(world.home, ["write_package_registry"], None, None)
    for who in (deploy, world.issue_job_token(world.home, publisher)):
        printed = shell.fail(
            TWINE.format(url=at.upload(world.home)), TWINE_USERNAME=who.username, TWINE_PASSWORD=who.secret
        )
        assert "401 Unauthorized" in printed

    assert [exchange.status for exchange in shell.new()] == [401, 401]
    assert gitlab.files(DEMO) == set()


@pytest.mark.parametrize("gitlab", FROM_13, indirect=True)
def test_upload_in_a_ci_job(gitlab: Registry, world: GitLabWorld, shell: Shell) -> None:
    """Row 3: the job of the documents, line for line: install build and twine, build, upload as `gitlab-ci-token`.

    What it would fetch from the public index, the build backend, it fetches from the mocked one; build and twine are
    there already, so that its first line has nothing to fetch.
    """
    gitlab.upstream.add(project(shell.folder))
    job = {**world.ci_environment(gitlab.url), "PIP_INDEX_URL": gitlab.upstream.index_url, "PIP_PYTHON": ""}

    printed = shell.run(CI_JOB, **job)

    assert "Successfully built mypypipackage-0.0.1.tar.gz and mypypipackage-0.0.1-py3-none-any.whl" in printed
    assert gitlab.files(DEMO) == {"mypypipackage-0.0.1.tar.gz", "mypypipackage-0.0.1-py3-none-any.whl"}
    assert [(exchange.status, exchange.who) for exchange in shell.new()] == [
        (201, "a CI job of publisher in acme/demo")
    ] * 2
    # Twice, for the sdist and for the wheel that is built from it: the page and the file;
    # today's pip asks for its metadata too.
    actions = [exchange.action for exchange in gitlab.upstream.log if exchange.action != "metadata"]
    assert actions == ["project page", "download"] * 2
    assert {exchange.filename for exchange in gitlab.upstream.log.downloads()} == {"tiny_backend-1.0-py3-none-any.whl"}

    upload = CI_JOB.partition("python -m build\n")[2]
    shell.fail(upload, **(job | {"CI_JOB_TOKEN": "glcbt-never-issued-at-all"}))
    assert [(exchange.status, exchange.refusal) for exchange in shell.new()] == [(401, "CREDENTIAL_UNKNOWN")]
    # Another project, which the user whose pipeline it is cannot see.
    shell.fail(upload, **(job | {"CI_PROJECT_ID": str(world.project("acme/other").id)}))
    assert [exchange.status for exchange in shell.new()] == [404]


@pytest.mark.parametrize("era", FROM_13)
def test_the_ci_job_under_pyreg_exec(era: str, tmp_path: Path) -> None:
    """Row 3 from a shell: `pyreg exec` gives the job's variables, and the ledger shows the two uploads.

    Build isolation asks the registry's own index for the backend, and finds it in the project.
    """
    project(tmp_path)
    (tmp_path / "tiny_backend.py").write_text(BACKEND)
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "tiny_backend"\nbackend-path = ["."]\n'
    )
    # The sdist of this backend does not hold the backend, so both are built from the project itself.
    script = CI_JOB.replace("python -m build\n", "python -m build --sdist --wheel\n")
    upload = CI_JOB.partition("python -m build\n")[2]
    command = [sys.executable, "-m", "pytest_pyreg", "exec", f"gitlab@{era}", "--", "sh", "-c"]

    done, refused = (
        subprocess.run([*command, line], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        for line in (script, upload.replace("gitlab-ci-token", "anybody"))
    )

    assert done.returncode == 0, done.stderr
    assert done.stderr.count("-> 201 Created") == 2
    assert "[a CI job of publisher in acme/demo]" in done.stderr
    # A job token under another name is no job token.
    assert refused.returncode == 1
    assert "-> 401 Unauthorized" in refused.stderr
    assert "-> 201 Created" not in refused.stderr


@pytest.mark.parametrize("gitlab", EVERY, indirect=True)
def test_upload_by_a_named_repository_of_pypirc(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist]
) -> None:
    """Row 4: `~/.pypirc` names the server `gitlab`, with its address and the token; twine is told the name alone."""
    shell.dist(*demo)

    shell.pypirc(at.upload(world.home), Credential("__token__", "glpat-never-issued-at-all"))
    printed = shell.fail("python3 -m twine upload --repository gitlab dist/*")
    assert "401 Unauthorized" in printed
    shell.pypirc(at.upload(world.home), world.user("publisher").personal_token(["read_api"]))
    assert "403 Forbidden" in shell.fail("python3 -m twine upload --repository gitlab dist/*")
    assert gitlab.files(DEMO) == set()
    assert [exchange.status for exchange in shell.new()] == [401, 403]

    shell.pypirc(at.upload(world.home), gitlab.publisher)
    shell.run("python3 -m twine upload --repository gitlab dist/*")

    assert gitlab.files(DEMO) == {dist.name for dist in demo}
    assert {(exchange.method, exchange.status) for exchange in shell.new()} == {("POST", 201)}


@pytest.mark.parametrize("gitlab", ["13.4"], indirect=True)
def test_pypirc_with_the_values_of_ci_variables(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist]
) -> None:
    """Row 4, in 13: the file that a job uses has its values from `CI_PROJECT_ID` and `CI_JOB_TOKEN`.

    The document writes `${env.CI_JOB_TOKEN}` into the file, which no twine has ever filled in: it sends the text as it
    stands, which is refused.  The job has to write the values.
    """
    shell.dist(*demo)
    job = world.ci_environment(gitlab.url)

    shell.pypirc(at.upload("${env.CI_PROJECT_ID}"), Credential("gitlab-ci-token", "${env.CI_JOB_TOKEN}"))
    shell.fail("python3 -m twine upload --repository gitlab dist/*", **job)
    (refused,) = shell.new()
    assert (refused.status, "env.CI_PROJECT_ID" in refused.path) == (404, True)
    assert gitlab.files(DEMO) == set()

    shell.run(
        "printf '[distutils]\\nindex-servers =\\n    gitlab\\n[gitlab]\\nrepository = %s\\nusername = %s\\n"
        'password = %s\\n\' "$CI_API_V4_URL/projects/$CI_PROJECT_ID/packages/pypi" gitlab-ci-token "$CI_JOB_TOKEN" '
        "> ~/.pypirc && python3 -m twine upload --repository gitlab dist/*",
        **job,
    )

    assert gitlab.files(DEMO) == {dist.name for dist in demo}
    assert {exchange.who for exchange in shell.new()} == {"a CI job of publisher in acme/demo"}


@pytest.mark.parametrize("gitlab", FROM_13, indirect=True)
@pytest.mark.parametrize("kind", ["personal", "deploy", "job"])
def test_upload_with_the_credentials_inline(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist], kind: str
) -> None:
    """Row 5: without a file, the credentials stand before the command, in the environment of this command alone."""
    shell.dist(*demo)
    who = {
        "personal": lambda: world.user("publisher").personal_token(["api"]),
        "deploy": lambda: world.home.deploy_token(["write_package_registry"]),
        "job": lambda: world.home.job_token(world.user("publisher")),
    }[kind]()
    line = TWINE.format(url=at.upload(world.home))

    shell.run(f"TWINE_PASSWORD={who.secret} TWINE_USERNAME={who.username} {line}")
    assert gitlab.files(DEMO) == {dist.name for dist in demo}
    assert [exchange.status for exchange in shell.new()] == [201, 201]

    shell.fail(line)  # They are gone with the command, and twine does not even ask.
    world.revoke(who)
    shell.dist(make_wheel(DEMO, "0.0.2", requires_python=">=3.6"))
    assert "401" in shell.fail(f"TWINE_PASSWORD={who.secret} TWINE_USERNAME={who.username} {line}")
    assert [exchange.status for exchange in shell.new()] == [401]
    assert gitlab.versions(DEMO) == ["0.0.1"]


@pytest.mark.parametrize("gitlab", FROM_17, indirect=True)
def test_the_project_is_named_by_number_or_path(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, reader: Credential
) -> None:
    """Row 9: the number of the project and its URL-encoded path lead to the same place, for twine and for pip."""
    widget = world.project("acme/tools/widget")
    world.group("acme").add_member(world.user("publisher"), "developer")
    world.group("acme").add_member(world.user("reader"), "reporter")
    pieces = (make_wheel(DEMO, "1.0"), make_sdist(DEMO, "1.0"))
    for reference, dist in zip((str(widget.id), "acme%2Ftools%2Fwidget"), pieces, strict=True):
        shell.dist(dist)
        shell.pypirc(at.upload(reference), gitlab.publisher)
        shell.run("twine upload --repository gitlab dist/*")
    assert [exchange.status for exchange in shell.new()] == [201, 201]

    for reference, flag in ((str(widget.id), "--only-binary"), ("acme%2Ftools%2Fwidget", "--no-binary")):
        shell.run(f"pip install --index-url {at.index(reference, reader)} --no-deps {flag} :all: {DEMO}")
        assert shell.installed == {DEMO: "1.0"}
        shell.clear()
    downloads = [exchange for exchange in shell.new() if exchange.action == "download"]
    assert [exchange.filename for exchange in downloads] == [dist.name for dist in pieces]
    # The real server writes the number into every link, however the page was asked for.
    assert all(f"/projects/{widget.id}/" in exchange.path for exchange in downloads)

    shell.pypirc(at.upload("acme/tools/widget"), gitlab.publisher)
    assert "404" in shell.fail("twine upload --repository gitlab dist/*")  # A bare slash ends the name.
    shell.pypirc(at.upload("acme%2Ftools%2Fgadget"), gitlab.publisher)
    assert "404" in shell.fail("twine upload --repository gitlab dist/*")
    assert [exchange.refusal for exchange in shell.new()] == ["ROUTE_UNKNOWN", "NAMESPACE_UNKNOWN"]


@pytest.mark.parametrize("gitlab", ["12.10", "13.4"], indirect=True)
def test_only_the_number_names_a_project_before_17(
    gitlab: Registry, world: GitLabWorld, at: Addresses, shell: Shell, demo: tuple[Dist, Dist]
) -> None:
    """Row 9, before it is promised: a path is no id."""
    shell.dist(*demo)
    shell.pypirc(at.upload(world.home.path.replace("/", "%2F")), gitlab.publisher)

    assert "400 Bad Request" in shell.fail("twine upload --repository gitlab dist/*")

    assert [exchange.refusal for exchange in shell.new()] == ["NAMESPACE_INVALID"]
    assert gitlab.projects() == set()

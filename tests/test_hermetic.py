"""Nothing of the caller's machine leaks into a client, and nothing of the client leaves it.

The clients of `clients/kits.py` run in a hostile setting: planted configuration files, credentials, CI tokens and
proxies, each of which would show in what the registry records or in a planted trap.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS, CommandFailed, Registry
from pytest_pyreg.clients.environment import hermetic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PLANTED = "planted-secret-0123456789"
SECRET_NAMES = (
    *("PYPI_TOKEN_PROD", "TOKEN_PYPI", "PYPI_TOKEN2", "PYPI_API_TOKEN_TEST", "PYPI_TOKENS", "GITHUBTOKEN", "mytoken"),
    *("PASSWORD_PROD", "DBPASSWORD", "MYSQL_PWD", "DBPWD", "DB_PW", "DB_PASS", "DBPASS", "PASS", "GPG_PASSPHRASE"),
    *("ANSIBLE_VAULT_PASSWORD_FILE", "SECRET", "SECRET_PROD", "MYSECRET", "AZURE_DEVOPS_EXT_PAT", "ADO_PAT_PROD"),
    *("CREDS_PSW", "NEXUS_USR", "ARTIFACTORY_CREDS", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "NETRC_CONTENT"),
    *("DEPLOY_KEY", "SSH_KEY", "SSHKEY", "SSH_PRIVATE_KEY_B64", "SIGNING_KEY", "SOPS_AGE_KEY", "AZURE_STORAGE_KEY"),
    *("AWS_ACCESS_KEY_ID", "CLOUDFLARE_APIKEY", "OPENAI_API_KEY", "GCLOUD_SERVICE_KEY", "MONKEY_KEY"),
    *("VAULT_JWT", "OIDC_JWT", "AUTHORIZATION", "AUTH_HEADER", "REDISCLI_AUTH", "COOKIE", "SLACK_WEBHOOK_URL"),
    *("npm_config__authToken", "NPM_CONFIG_USERCONFIG", "GIT_SSH_COMMAND", "GIT_SSH", "BASH_ENV", "SSLKEYLOGFILE"),
    *("PYREG_TOKEN_OLD", "PYREG_TOKEN_OLD_USERNAME", "PYREG_PUBLISHER_SECRET", "PYREG_KEYRING_ANSWERS"),
)
HARMLESS_NAMES = (
    *("COLOUR_OF_THE_HOUSE", "KEYBOARD", "KEYBOARD_LAYOUT", "KEYMAP", "KEYTIMEOUT", "XKB_DEFAULT_LAYOUT"),
    *("LESSKEY", "LESSKEY_SYSTEM", "MONKEY", "MONKEYS", "MONKEYTYPE_TRACE_MODULES", "HOTKEY2", "PUBLIC_KEY"),
    *("TOKENIZERS_PARALLELISM", "MAX_TOKENS", "LLM_MAX_TOKENS", "SECRETARY", "COMPASS_HOME", "BYPASS", "PASSENGER"),
    *("OLDPWD", "PW_TEST_HTML_REPORT_OPEN", "COMPAT", "PATH_TO_IT", "SACRED_HOME", "AUTHOR", "XAUTHORITY"),
    *("COOKIECUTTER_CONFIG", "GIT_AUTHOR_NAME", "PYTEST_ADDOPTS_OF_MINE", "PYTEST_XDIST_AUTO_NUM_WORKERS", "USR"),
    *("PYREG_CLIENTS", "PYREG_POETRY", "SSH_TTY", "CITY"),
)
"""What only sounds like those."""
SECRET_VALUES = (
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.planted",
    "npm_planted0123456789planted",
    "xoxb-planted-0123456789",
    "hf_planted0123456789planted",
    "ASIAPLANTED012345678planted",
    "Authorization: Bearer planted",
    "Bearer planted-0123456789",
    "https://planted@gitlab.example/x",
    "git+https://planted@gitlab.example/x",
    "host=db user=me password=planted",
    "AccountName=me;AccountKey=planted",
)
HARMLESS_VALUES = (
    *("ssh://git@gitlab.example/x", "git@gitlab.example:x", "postgres://me@db.example/x", "https://gitlab.example/@x"),
    *(
        "https://gitlab.example?to=me@example.org",
        "npm_config_registry",
        "eyJson",
        "a bearer of news",
        "me@example.org",
    ),
    *("me@example.org", "npm_lifecycle", "xoxb-", "password", "host=db user=me"),
)


@pytest.fixture(name="trap")
def _trap() -> Iterator[Registry]:
    """A second registry, to which every planted setting points; no request may reach it."""
    with Registry("gitlab@17") as trap:
        yield trap


@pytest.fixture(name="hostile")
def _hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trap: Registry) -> Path:
    """A home and an environment full of settings that each would change where clients go and as whom."""
    home = tmp_path / "home"
    index = trap.index_url.replace("http://", f"http://planted:{PLANTED}@")
    files = {
        ".pypirc": f"[distutils]\nindex-servers = pypi\n[pypi]\nrepository = {trap.upload_url}\n"
        f"username = planted\npassword = {PLANTED}\n",
        ".config/pip/pip.conf": f"[global]\nindex-url = {index}\nextra-index-url = {index}\n",
        ".pip/pip.conf": f"[global]\nindex-url = {index}\n",
        ".netrc": f"machine 127.0.0.1\nlogin planted\npassword {PLANTED}\n",
        ".config/uv/uv.toml": f'[[index]]\nname = "planted"\nurl = "{index}"\ndefault = true\n',
        ".config/pypoetry/config.toml": f'[repositories.pyreg]\nurl = "{trap.upload_url}"\n',
        ".config/pypoetry/auth.toml": f'[http-basic.pyreg]\nusername = "planted"\npassword = "{PLANTED}"\n',
        ".config/pdm/config.toml": f'[pypi]\nurl = "{index}"\n[repository.pypi]\nurl = "{trap.upload_url}"\n'
        f'username = "planted"\npassword = "{PLANTED}"\n',
        ".config/hatch/config.toml": f'[publish.index]\nrepo = "planted"\nuser = "planted"\nauth = "{PLANTED}"\n'
        f'[publish.index.repos.planted]\nurl = "{trap.upload_url}"\n',
        ".config/python_keyring/keyringrc.cfg": "[backend]\ndefault-keyring=planted_keyring.Planted\n"
        f"keyring-path={tmp_path}\n",
    }
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
    (tmp_path / "planted_keyring.py").write_text(
        "import keyring.backend, keyring.credentials, pathlib\n"
        "class Planted(keyring.backend.KeyringBackend):\n"
        "    priority = 100\n"
        "    def get_password(self, service, username):\n"
        f"        pathlib.Path({str(tmp_path / 'asked')!r}).write_text(service)\n"
        f"        return {PLANTED!r}\n"
        "    def set_password(self, service, username, password): pass\n"
        "    def get_credential(self, service, username):\n"
        "        return keyring.credentials.SimpleCredential('planted', self.get_password(service, username))\n"
    )
    planted = {
        "HOME": home,
        "XDG_CONFIG_HOME": home / ".config",
        "NETRC": home / ".netrc",
        "PYTHON_KEYRING_BACKEND": "planted_keyring.Planted",
        "PYTHONPATH": tmp_path,
        "PIP_INDEX_URL": index,
        "PIP_EXTRA_INDEX_URL": index,
        "PIP_CONFIG_FILE": home / ".pip/pip.conf",
        "PIP_PROXY": trap.url,
        "TWINE_REPOSITORY_URL": trap.upload_url,
        "TWINE_REPOSITORY": "pypi",
        "TWINE_USERNAME": "planted",
        "TWINE_PASSWORD": PLANTED,
        "UV_DEFAULT_INDEX": index,
        "UV_INDEX": f"planted={index}",
        "UV_PUBLISH_URL": trap.upload_url,
        "UV_PUBLISH_TOKEN": PLANTED,
        "POETRY_REPOSITORIES_PYREG_URL": trap.upload_url,
        "POETRY_HTTP_BASIC_PYREG_PASSWORD": PLANTED,
        "POETRY_PYPI_TOKEN_PYREG": PLANTED,
        "POETRY_KEYRING_ENABLED": "true",
        "PDM_PYPI_URL": index,
        "PDM_PUBLISH_REPO": trap.upload_url,
        "PDM_PUBLISH_PASSWORD": PLANTED,
        "HATCH_INDEX_REPO": trap.upload_url,
        "HATCH_INDEX_AUTH": PLANTED,
        "HATCH_CONFIG": home / ".config/hatch/config.toml",
        "FLIT_INDEX_URL": trap.upload_url,
        "FLIT_PASSWORD": PLANTED,
        "PIPX_HOME": home / "pipx",
        "PIPX_DEFAULT_BACKEND": "uv",
        "TOX_OVERRIDE": f"testenv.set_env=PIP_INDEX_URL={index}",
        "NOXSESSION": "planted",
        "CONDA_PREFIX": home / "conda",
        "CONDA_DEFAULT_ENV": "planted",
        "KEYRING_PROPERTY_SCHEME": "planted",
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_JOB_TOKEN": PLANTED,
        "CI_API_V4_URL": f"{trap.url}/api/v4",
        "PYPI_ID_TOKEN": PLANTED,
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": PLANTED,
        **dict.fromkeys(("AWS_SECRET_ACCESS_KEY", "MY_API_KEY", "SIGNING_PRIVATE_KEY", "GPG_PASSPHRASE"), PLANTED),
        **dict.fromkeys(("AWS_CA_BUNDLE", "GIT_SSL_CAINFO", "GOOGLE_APPLICATION_CREDENTIALS"), home / "planted.pem"),
        **dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"), trap.url),
        "NO_PROXY": "",
        "no_proxy": "",
    }
    for name, value in planted.items():
        monkeypatch.setenv(name, str(value))
    return tmp_path


def test_no_planted_value_gets_into_the_environment(hostile: Path, registry: Registry, trap: Registry) -> None:
    """Neither a planted secret nor the trap's address nor the hostile home is in any variable of a client."""
    values = "\n".join(registry.env().values())

    assert PLANTED not in values
    assert trap.url not in values
    assert str(hostile) not in values
    assert PLANTED in "\n".join(os.environ.values())


@pytest.mark.parametrize(("uploader", "installer"), [("twine", "pip"), ("uv", "uv")])
def test_clients_use_nothing_that_is_planted(
    hostile: Path, registry: Registry, trap: Registry, uploader: str, installer: str
) -> None:
    """Real clients go to the registry as the caller they are told to be, whatever the machine is full of."""
    registry.upload(registry.make_wheel("demo", "1.0"), client=uploader)
    site = registry.install("demo", client=installer)

    assert site.distributions() == {"demo": "1.0"}
    callers = {exchange.who for exchange in registry.log}
    assert callers >= {"user publisher", "user reader"}
    # Old uv asks for a file outside the index's folder without its credential first; a planted one would be unknown.
    assert callers <= {"user publisher", "user reader", "an anonymous caller"}
    assert not trap.log
    assert not (hostile / "asked").exists()


@pytest.mark.clients
@pytest.mark.parametrize("client", ["flit", "hatch", "pdm", "poetry"])
def test_no_uploading_client_uses_what_is_planted(
    hostile: Path, registry: Registry, trap: Registry, tool: Callable[[str], str], client: str
) -> None:
    """The same of those that are installed for the tests: their files, their variables, a keyring, a netrc."""
    if client == "flit":
        registry.publish(_flit_project(hostile), client=tool(client))
    else:
        registry.upload(registry.make_wheel("demo", "1.0"), client=tool(client))

    assert registry.versions("demo") == ["1.0"]
    assert {exchange.who for exchange in registry.log.uploads()} == {"user publisher"}
    assert not trap.log
    assert not (hostile / "asked").exists()


@pytest.mark.clients
@pytest.mark.parametrize("client", ["hatch", "nox", "pdm", "pipx", "poetry", "tox"])
def test_no_installing_client_uses_what_is_planted(
    hostile: Path, registry: Registry, trap: Registry, tool: Callable[[str], str], client: str
) -> None:
    """The same of those that install."""
    script = {
        "demo.py": "def main(): ...\n",
        "demo-1.0.dist-info/entry_points.txt": "[console_scripts]\nd = demo:main\n",
    }
    registry.add(registry.make_wheel("demo", "1.0", files=script))

    site = registry.install("demo", client=tool(client))

    assert site.distributions()["demo"] == "1.0"
    assert {exchange.who for exchange in registry.log} == {"user reader"}
    assert not trap.log
    assert not (hostile / "asked").exists()
    assert not (hostile / "home" / "pipx").exists()


@pytest.mark.clients
@pytest.mark.parametrize("client", ["flit", "hatch", "pdm", "poetry"])
def test_the_planted_files_of_a_client_would_be_used(
    hostile: Path, trap: Registry, tool: Callable[[str], str], client: str
) -> None:
    """Those traps work too: with the files alone, without any variable, each client goes there."""
    project = _flit_project(hostile)
    trap.make_wheel("demo", "1.0").write_to(project / "dist")
    command = {
        "flit": ["publish", "--no-use-vcs"],
        "hatch": ["publish", "--no-prompt"],
        "pdm": ["publish", "--no-build"],
        "poetry": ["publish", "--repository", "pyreg"],
    }[client]
    kept = {name: value for name, value in os.environ.items() if not _planted_elsewhere(name)}

    subprocess.run([tool(client), *command], cwd=project, env=kept, check=False, capture_output=True, timeout=60)

    assert trap.log.uploads()


def _planted_elsewhere(name: str) -> bool:
    """Tell whether a variable is of those that would lead into a trap before any file does."""
    ours = ("FLIT_", "HATCH_", "PDM_", "POETRY_", "PYTHON_KEYRING", "CI", "GITLAB_", "ACTIONS_", "PYPI_ID")
    return name.startswith(ours) or name.lower().endswith("_proxy")


def _flit_project(folder: Path) -> Path:
    """Make a project that flit publishes without anything else."""
    project = folder / "project"
    project.mkdir()
    (project / "demo.py").write_text('"""A demo."""\n\n__version__ = "1.0"\n')
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n'
        '[project]\nname = "demo"\nversion = "1.0"\ndescription = "A demo."\n'
    )
    return project


def test_the_planted_settings_would_be_used(hostile: Path, trap: Registry) -> None:
    """The traps work: the same clients, in the hostile environment as it is, fall into them."""
    wheel = trap.make_wheel("demo", "1.0").write_to(hostile)
    python = [sys.executable, "-m"]
    without_login = {
        name: value for name, value in os.environ.items() if name not in {"TWINE_USERNAME", "TWINE_PASSWORD"}
    }

    subprocess.run(
        [*python, "pip", "download", "--retries", "0", "-d", str(hostile / "down"), "demo"],
        cwd=hostile,
        check=False,
        capture_output=True,
        timeout=60,
    )
    subprocess.run(
        [*python, "twine", "upload", "--non-interactive", str(wheel)],
        cwd=hostile,
        env=without_login,
        check=False,
        capture_output=True,
        timeout=60,
    )

    assert {exchange.method for exchange in trap.log} == {"GET", "POST"}
    assert (hostile / "asked").exists()


def test_without_a_credential_none_is_found_elsewhere(hostile: Path, registry: Registry, trap: Registry) -> None:
    """An anonymous pip stays anonymous beside a .netrc and a keyring that have an answer for this very host."""
    with pytest.raises(CommandFailed):
        registry.install("demo", credential=ANONYMOUS)

    assert {exchange.who for exchange in registry.log} == {"an anonymous caller"}
    assert "Authorization" not in dict(registry.log[0].headers)
    assert not trap.log
    assert not (hostile / "asked").exists()


def test_nothing_leaves_the_machine(registry: Registry) -> None:
    """A client that is told to go elsewhere is stopped by a proxy that is not there, at once."""
    script = "import urllib.request\nurllib.request.urlopen('http://example.com/', timeout=5)"

    result = registry.run("python", "-c", script, check=False)

    assert result.returncode
    assert "Connection refused" in result.stderr


def test_what_is_nobodys_business_stays(tmp_path: Path) -> None:
    """The rest of the caller's environment is kept: locale, PATH, what a build needs."""
    caller = {"PATH": "/bin", "LANG": "C.UTF-8", "CC": "gcc", "pip_index_url": "x", "My_Proxy": "x", "CITY": "kept"}

    env = hermetic(caller, tmp_path)

    assert (env["LANG"], env["CC"], env["CITY"]) == ("C.UTF-8", "gcc", "kept")
    assert env["PATH"] == os.pathsep.join((str(Path(sys.executable).parent), "/bin"))
    assert not {"pip_index_url", "My_Proxy"} & env.keys()


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_name_that_says_secret(name: str, tmp_path: Path) -> None:
    """By its words, wherever these stand."""
    assert name not in hermetic({name: "0123456789"}, tmp_path)


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_a_name_that_sounds_like_one(name: str, tmp_path: Path) -> None:
    """A part of a word is no word, and some words only look like those."""
    assert hermetic({name: "0123456789"}, tmp_path)[name] == "0123456789"


@pytest.mark.parametrize("value", SECRET_VALUES)
def test_a_value_that_is_a_credential(value: str, tmp_path: Path) -> None:
    """Whatever the variable is called, and whatever stands around it."""
    env = hermetic({"COLOUR": value, "FLOWER": f"a {value}, b"}, tmp_path)

    assert not {"COLOUR", "FLOWER"} & env.keys()


@pytest.mark.parametrize("value", HARMLESS_VALUES)
def test_a_value_that_looks_like_one(value: str, tmp_path: Path) -> None:
    """A user name in an address of ssh's is none, nor is the beginning of a token without the rest of it."""
    assert hermetic({"COLOUR": value}, tmp_path)["COLOUR"] == value


def test_a_login_as_jenkins_has_it(tmp_path: Path) -> None:
    """User and password in one, under a name that says nothing; only two others say what it is."""
    login = {"NEXUS": "planted:secret", "NEXUS_USR": "planted", "NEXUS_PSW": "secret"}

    assert not login.keys() & hermetic(login, tmp_path).keys()
    assert hermetic({"NEXUS": "https://nexus.example"}, tmp_path)["NEXUS"] == "https://nexus.example"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("PYPI_TOKEN_PROD", False), ("SSHKEY", False), ("TOKEN_PROD_USERNAME", True), ("KEYBOARD", True), ("PWD", True)],
)
def test_what_is_passed_to_a_client_under_such_a_name(registry: Registry, name: str, *, shown: bool) -> None:
    """No output and no error has it; what only stands beside a secret is told."""
    script = f"import os; print('it is', os.environ[{name!r}])"

    result = registry.run("python", "-c", script, env={**registry.env(), name: "ultramarine-blue"})

    assert ("ultramarine-blue" in result.stdout) == shown

"""What `tls=` takes, what it makes, and what a test or a command sees of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests
import trustme

from pytest_pyreg import CommandFailed, NotRunning, Registry, tls
from pytest_pyreg.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}


@pytest.fixture(name="bare")
def _bare(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An environment without the extra."""
    tls._authority.cache_clear()
    tls._made.cache_clear()
    monkeypatch.setitem(sys.modules, "trustme", None)
    yield
    tls._authority.cache_clear()
    tls._made.cache_clear()


def test_the_certificate_is_there_for_as_long_as_the_registry(secure: Registry) -> None:
    """A file in its private folder, without any key; nothing else is trusted."""
    path = secure.ca
    assert path is not None
    text = path.read_text()
    env = secure.env()

    assert {env[name] for name in NAMES} == {str(path)}
    assert text.count("BEGIN CERTIFICATE") == 1
    assert not [each for each in path.parent.rglob("*") if each.is_file() and b"PRIVATE KEY" in each.read_bytes()]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert requests.get(secure.url, verify=str(path), timeout=10).status_code == 404
    secure.stop()
    assert not path.exists()
    with pytest.raises(NotRunning):
        assert secure.ca


def test_plain_http_trusts_nobody(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what the caller trusts does not get in either."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")

    assert registry.ca is None
    assert registry.url.startswith("http://")
    assert not NAMES & set(registry.env())


def test_what_the_caller_trusts_is_not_what_a_client_trusts(secure: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's own file wins."""
    for name in (*NAMES, "CURL_CA_BUNDLE", "PIP_CERT", "SSL_CERT_DIR"):
        monkeypatch.setenv(name, "/nowhere")

    env = secure.env()

    assert {env[name] for name in NAMES} == {str(secure.ca)}
    assert "/nowhere" not in env.values()


def test_one_authority_vouches_for_all_of_a_process() -> None:
    """It is made once; a client of one registry reaches the other."""
    with Registry("gitlab@17", tls=True) as one, Registry("pypi", tls=True) as other:
        assert one.ca != other.ca
        assert requests.get(other.index_url, verify=str(one.ca), timeout=10).status_code == 200


def test_another_processes_authority_vouches_for_nothing_here(secure: Registry) -> None:
    """It was never written down, so it cannot be stolen."""
    with trustme.CA().cert_pem.tempfile() as path, pytest.raises(requests.exceptions.SSLError):
        requests.get(secure.url, verify=path, timeout=10)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.5"])
def test_the_certificate_is_for_where_it_listens(host: str) -> None:
    """And for the other names of this machine."""
    with Registry("gitlab@17", host=host, tls=True) as registry:
        parts = urlsplit(registry.url)
        assert parts.hostname == ("localhost" if host == "127.0.0.1" else host)
        assert requests.get(registry.url, verify=str(registry.ca), timeout=10).status_code == 404
        context = ssl.create_default_context(cafile=registry.ca)
        with (
            socket.create_connection((host, parts.port), timeout=10) as connection,
            pytest.raises(ssl.SSLCertVerificationError, match="match"),
        ):
            context.wrap_socket(connection, server_hostname="127.0.0.77")


def own(*hosts: str) -> tuple[ssl.SSLContext, trustme.CA]:
    """Return a context as a user makes one, and who vouches for it."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*hosts).configure_cert(context)
    return context, authority


def test_a_context_of_ones_own(tmp_path: Path) -> None:
    """Nothing is claimed about who vouches for it; who knows tells the clients."""
    context, authority = own("localhost")
    authority.cert_pem.write_to_path(str(tmp_path / "own.pem"))

    with Registry("gitlab@17", tls=context, host="localhost") as registry:
        registry.add(registry.make_wheel("demo"))

        assert registry.ca is None
        assert not NAMES & set(registry.env())
        assert registry.upstream.url.startswith("https://")
        command = ("python", "-m", "pip", "download", "--no-deps", "--dest", str(tmp_path / "got"), "demo")
        with pytest.raises(CommandFailed, match="does not trust"):
            registry.run(*command)
        registry.run(*command, env={"PIP_CERT": str(tmp_path / "own.pem")})
    assert list((tmp_path / "got").iterdir())


@pytest.mark.parametrize("asked", ["yes", 1, None, "cert.pem"])
def test_what_is_neither_is_refused(asked: object) -> None:
    """In words that say what it takes."""
    with pytest.raises(ValueError, match=r"tls is True, .*, or an ssl.SSLContext of your own, not "):
        Registry(tls=asked)  # type: ignore[arg-type]


def test_a_wrong_host_is_refused_in_its_own_words() -> None:
    """Before anybody makes a certificate for it."""
    with pytest.raises(ValueError, match="a registry listens on this machine only"):
        Registry(host="registry.example", tls=True)


def test_a_clients_context_is_refused() -> None:
    """It has no certificate to show."""
    with pytest.raises(ValueError, match="PROTOCOL_TLS_SERVER"):
        Registry(tls=ssl.create_default_context())


def test_a_context_without_a_certificate_is_explained() -> None:
    """By the report, since only the handshake finds out."""
    with Registry("gitlab@17", tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)) as registry:
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(registry.url, timeout=10)
        assert "a TLS handshake failed: " in registry.report()


@pytest.mark.usefixtures("bare")
def test_without_the_extra() -> None:
    """The error names what to install; plain HTTP and a context of one's own need nothing."""
    with pytest.raises(tls.NoCertificate, match=r"pip install 'pytest-pyreg\[tls\]'"):
        Registry(tls=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for asked in (False, context):
        with Registry(tls=asked) as registry:
            assert registry.ca is None


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("arguments", [["serve", "--tls"], ["exec", "--tls", "--", "true"]])
def test_a_command_without_the_extra(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and the code of wrong use."""
    assert main(arguments) == 2
    assert "pip install 'pytest-pyreg[tls]'" in capsys.readouterr().err


def test_nothing_is_loaded_before_it_is_needed() -> None:
    """Cryptography is large."""
    code = (
        "import sys, pytest_pyreg\n"
        "with pytest_pyreg.Registry() as registry: registry.env()\n"
        "print('trustme' in sys.modules)\n"
        "pytest_pyreg.Registry(tls=True)\n"
        "print('trustme' in sys.modules)\n"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert result.stdout.split() == ["False", "True"]


def test_a_job_knows_the_authority(secure: Registry) -> None:
    """As GitLab's runner says it, where the instance has one of its own; otherwise nothing is said."""
    job = secure.world.ci_environment(secure.url, str(secure.ca))
    port = secure.url.rpartition(":")[2]

    assert (job["CI_SERVER_PROTOCOL"], job["CI_SERVER_PORT"]) == ("https", port)
    assert job["CI_API_V4_URL"] == f"{secure.url}/api/v4"
    assert job["CI_SERVER_TLS_CA_FILE"] == str(secure.ca)
    assert "CI_SERVER_TLS_CA_FILE" not in secure.world.ci_environment(secure.url)


def test_addresses_in_pages_are_https() -> None:
    """In what each product says about itself."""
    for flavour in ("gitlab@17", "gitea@1.23", "pypi"):
        with Registry(flavour, tls=True) as registry:
            registry.add(registry.make_wheel("demo"))
            login = registry.reader.username, registry.reader.secret
            auth = None if flavour == "pypi" else login
            page = requests.get(f"{registry.index_url}/demo/", auth=auth, verify=str(registry.ca), timeout=10)

            assert page.status_code == 200, page.text
            assert "http://" not in page.text


def test_serve_prints_whom_to_trust() -> None:
    """For a program and for a person; the file is gone at the end."""
    command = [sys.executable, "-m", "pytest_pyreg", "serve", "gitlab@17", "--tls"]
    with subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        reader = facts["credentials"]["reader"]
        answer = requests.get(
            facts["index_url"], auth=(reader["username"], reader["password"]), verify=facts["ca"], timeout=10
        )
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)

    assert answer.status_code == 200
    assert not Path(facts["ca"]).exists()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
    assert lines[3].startswith("trust ")
    assert "SSL_CERT_FILE" in lines[3]


def test_exec_is_trusted_by_its_command() -> None:
    """A job's script uses the file as it would there."""
    script = "env -u SSL_CERT_FILE -u REQUESTS_CA_BUNDLE PIP_CERT=$CI_SERVER_TLS_CA_FILE python -m pip download absent"

    result = subprocess.run(
        [sys.executable, "-m", "pytest_pyreg", "exec", "gitlab@17", "--tls", "--", "sh", "-c", script],
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert result.returncode == 1  # There is no such project; but it was asked for.
    assert "gitlab@17 at https://localhost:" in result.stderr
    assert "GET /api/v4/projects/1/packages/pypi/simple/absent/ -> 302 Found" in result.stderr

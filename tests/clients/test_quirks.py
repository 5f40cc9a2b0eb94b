"""What docs/clients.md says of each client is so: each is run, and what it does is seen at the registry."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from pytest_pyreg import ANONYMOUS, CommandFailed, Registry, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.clients.conftest import Desk

    Tool = Callable[[str], str]

pytestmark = pytest.mark.clients

WHEEL = "demo-1.0-py3-none-any.whl"


class _Gate(BaseHTTPRequestHandler):
    """Sends uploads elsewhere, and has a page that lists the file for whoever asks."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(302)
        self.send_header("Location", "/elsewhere/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        page = f'<a href="{WHEEL}">{WHEEL}</a>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has there.
        """Say nothing."""


@pytest.fixture(name="gated")
def _gated() -> Iterator[Registry]:
    """A registry whose users have a wrong address for uploads: something else answers there."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Gate) as gate:
        thread = threading.Thread(target=gate.serve_forever, args=(0.01,))
        thread.start()

        class Gated(Registry):
            """One with that address."""

            @property
            def upload_url(self) -> str:
                """Where the gate is."""
                return f"http://127.0.0.1:{gate.server_port}/legacy/"

        try:
            with Gated("gitlab", forwarding=False) as registry:
                yield registry
        finally:
            gate.shutdown()
            thread.join()


@pytest.mark.parametrize(("product", "client"), [("gitlab", "flit")])
def test_flit_is_content_with_a_redirect(gated: Registry, tool: Tool, desk: Desk) -> None:
    """It ends with 0 and says where the package is; nothing is there, and that is an error here."""
    with pytest.raises(CommandFailed, match="exit code 0, but nothing got into the registry") as caught:
        gated.publish(desk.project(), client=tool("flit"))

    assert "Package is at" in caught.value.output


def test_hatch_skips_what_a_page_lists(gated: Registry, tool: Tool) -> None:
    """Whatever answers at `+simple` below the upload address: then it sends nothing, and ends with 0."""
    with pytest.raises(CommandFailed, match="exit code 0, but demo") as caught:
        gated.upload(make_wheel("demo", "1.0"), client=tool("hatch"))

    assert "already exists" in caught.value.output


@pytest.mark.parametrize("client", ["twine", "pdm", "poetry"])
def test_others_refuse_a_redirect(gated: Registry, tool: Tool, client: str) -> None:
    """They say so themselves."""
    with pytest.raises(CommandFailed) as caught:
        gated.upload(make_wheel("demo", "1.0"), client=tool(client))

    assert caught.value.returncode
    assert not caught.value.but


def test_hatch_asks_for_a_page_first(registry: Registry, tool: Tool) -> None:
    """As devpi has one; the products have none, and their 404 does no harm."""
    registry.upload(make_wheel("demo", "1.0"), client=tool("hatch"))

    first, upload = registry.log
    assert (first.method, first.path.endswith("/%2Bsimple/demo/"), first.status) == ("GET", True, 404)
    assert upload.action == "upload"


def test_poetry_uploads_as_nobody(registry: Registry, tool: Tool) -> None:
    """Without a credential it sends the file all the same; hatch and twine do not."""
    for client in ("hatch", "twine"):
        with pytest.raises(CommandFailed):
            registry.upload(make_wheel("demo", "1.0"), client=tool(client), credential=ANONYMOUS)
        assert not registry.log

    with pytest.raises(CommandFailed):
        registry.upload(make_wheel("demo", "1.0"), client=tool("poetry"), credential=ANONYMOUS)
    assert [exchange.who for exchange in registry.log.uploads()] == ["an anonymous caller"]


@pytest.mark.parametrize(("product", "client"), [("gitlab", "poetry")])
def test_poetry_builds_from_elsewhere(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project of another backend than its own is built from the public index; no request comes here."""
    monkeypatch.setitem(desk.backends, "poetry", ("tiny-backend", "tiny_backend"))
    desk.stock()

    with pytest.raises(CommandFailed, match="no request came"):
        desk.registry.build(desk.project(), client=desk.program)


def test_twine_skips_existing_for_one_index_only(registry: Registry, tool: Tool, tmp_path: Path) -> None:
    """It refuses the option for any other address, before it sends anything."""
    wheel = make_wheel("demo", "1.0").write_to(tmp_path)

    result = registry.run(tool("twine"), "upload", "--skip-existing", wheel, check=False)

    assert result.returncode
    assert "UnsupportedConfiguration" in result.stdout + result.stderr
    assert not registry.log


@pytest.mark.parametrize(("product", "client"), [("gitlab", "pdm")])
def test_pdm_leaves_its_files(desk: Desk) -> None:
    """In the project's folder, besides what it built."""
    desk.stock()
    project = desk.project()

    desk.registry.publish(project, client=desk.program)

    assert {".pdm-python", "dist"} <= {path.name for path in project.iterdir()}


@pytest.mark.parametrize(("product", "client"), [("gitlab", "pipx")])
def test_pipx_wants_a_program(desk: Desk) -> None:
    """A library is fetched, and refused."""
    desk.stock()

    with pytest.raises(CommandFailed, match="No apps associated"):
        desk.registry.install("lib", client=desk.program)


@pytest.mark.parametrize(("product", "client"), [("gitlab", "tox")])
def test_tox_passes_the_variables_of_pip(desk: Desk) -> None:
    """And not those of uv, nor of twine."""
    (desk.folder / "tox.ini").write_text(
        "[tox]\nno_package = true\n[testenv]\n"
        'commands = python -c \'import os; print(sorted({"PIP_INDEX_URL", "UV_DEFAULT_INDEX", "TWINE_USERNAME"}'
        " & os.environ.keys()))'\n"
    )

    result = desk.registry.run(desk.program, "run", cwd=desk.folder)

    assert "['PIP_INDEX_URL']" in result.stdout


@pytest.mark.parametrize("client", ["pip", "pdm"])
def test_who_hides_the_reason(registry: Registry, tool: Tool, client: str) -> None:
    """The client says that there is nothing; why, only the registry's log does."""
    with pytest.raises(CommandFailed, match="because user stranger may not see") as caught:
        registry.install("demo", client=tool(client), credential=registry.stranger)

    assert "404" not in caught.value.output
    assert "may not" not in caught.value.output


@pytest.mark.parametrize("client", ["hatch", "pdm", "poetry"])
def test_scratch_projects_hold_no_secret(registry: Registry, tool: Tool, client: str) -> None:
    """What is written for a client has the address; who may go there is in the environment alone."""
    registry.add(make_wheel("demo", "1.0"))
    registry.install("demo", client=tool(client))
    registry.upload(make_wheel("demo", "1.1"), client=tool(client))

    jobs = registry._workplace.folder / "jobs"
    files = [path for path in jobs.rglob("*") if path.is_file() and "site-packages" not in path.parts]
    assert any(path.name == "pyproject.toml" for path in files)
    secrets = {registry.reader.secret.encode(), registry.publisher.secret.encode()}
    assert not [path for path in files if any(secret in path.read_bytes() for secret in secrets)]


@pytest.mark.parametrize("client", ["pdm", "poetry"])
def test_an_environment_that_stays_is_filled(registry: Registry, tool: Tool, client: str) -> None:
    """Another project comes beside what is there."""
    registry.add(make_wheel("demo", "1.0"), make_wheel("other", "2.0"))
    site = registry.venv()

    site.install("demo").install("other", client=tool(client))

    assert site.distributions() == {"demo": "1.0", "other": "2.0"}

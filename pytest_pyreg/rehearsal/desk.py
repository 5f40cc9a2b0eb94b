"""A registry's upload desk by itself: its WSGI application in this process, no server, and twine's form put on it.

The form is made by twine's own code, whichever release is here; only what would go over the wire is handed over in
memory.  What twine refuses by itself is sent as another client would.
"""

from __future__ import annotations

import contextlib
import io
import logging
import random
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, cast

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from pytest_pyreg import metadata
from pytest_pyreg.addresses import link
from pytest_pyreg.app import App
from pytest_pyreg.blobs import BlobStore
from pytest_pyreg.exchanges import NOTES, Notes
from pytest_pyreg.flavours import Action
from pytest_pyreg.index import Index

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from twine.package import PackageFile
    from typing_extensions import Self

    from pytest_pyreg.clock import Clock
    from pytest_pyreg.flavours import Flavour

URL = "http://registry.invalid"
"""A name that can be nobody's (RFC 2606): a request that should get out has nowhere to go."""


class Desk:
    """Takes uploads for one flavour, as its publisher; a context manager.

    Args:
        flavour: which.
        clock: tells the time of uploads.
    """

    def __init__(self, flavour: Flavour, clock: Clock) -> None:
        self._blobs = BlobStore()
        index = Index()
        world = flavour.world(flavour, clock, random.SystemRandom())
        world.stocked(index)
        world.url = URL
        self._adapter = _InProcess(App(flavour, world, index, self._blobs, clock, URL))
        route = flavour.route(Action.UPLOAD)
        self._url = URL + link(route, {"namespace": world.home.reference, "project": ""})
        self._login = world.publisher

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._blobs.close()

    def upload(self, package: PackageFile) -> tuple[Response, Notes]:
        """Put a file on the desk; return the reply, and what the registry noted of it."""
        from twine.repository import Repository

        repository = Repository(self._url, self._login.username, self._login.secret, disable_progress_bar=True)
        for scheme in ("http://", "https://"):
            repository.session.mount(scheme, self._adapter)
        repository.session.trust_env = False  # A proxy, or a netrc, of the caller's is no business of this.
        try:
            with contextlib.redirect_stdout(io.StringIO()), _quiet("twine.repository"):
                reply = repository.upload(package)
        finally:
            repository.close()
        return reply, self._adapter.notes


def package_of(path: Path) -> tuple[PackageFile | None, str]:
    """Return a distribution as twine has it, and why twine would not send it; nothing if it would.

    What no client can send, since it does not say what it is, is None.

    Raises:
        NotADistribution: the file is not there, or no archive at all, or has a name of bytes that are no text.
    """
    from twine.package import PackageFile

    try:
        path.name.encode()
    except UnicodeEncodeError:
        message = f"the file name {path.name!r} is no text, and no client can send it; rename it"
        raise metadata.NotADistribution(message) from None
    if not _is_whole(path):
        metadata.read(path)  # Has the words for it.
    try:
        return PackageFile.from_filename(str(path), None), ""
    except Exception as error:  # noqa: BLE001 - twine lets every error of pkginfo, zipfile and tarfile through.
        refused = str(error) or type(error).__name__
    try:
        return cast("PackageFile", _Plain(path, metadata.read(path))), refused
    except metadata.NotADistribution:
        return None, refused


def _is_whole(path: Path) -> bool:
    """Tell whether an archive can be read to its end: a zip file has its list there, a tar file has none."""
    if not path.is_file():
        return False
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as listed:
                return bool(listed.namelist())
        with tarfile.open(path) as archive:
            return bool(archive.getmembers())
    except zipfile.BadZipFile:
        return True  # It is one all the same: let the registries say what they make of it.
    except (tarfile.TarError, EOFError, OSError, zlib.error):
        return False


class _Plain:
    """A distribution as a client would send it that asks no questions.

    Has what twine's `Repository` wants of a `PackageFile`.
    """

    def __init__(self, path: Path, core: metadata.CoreMetadata) -> None:
        from twine.package import HashManager

        self.filename = str(path)
        self.basefilename = path.name
        self._core = core
        hashes = HashManager(self.filename)
        hashes.hash()
        self._digest = hashes.hexdigest().sha2 or ""

    def metadata_dictionary(self) -> Mapping[str, Any]:
        wheel = self.filename.endswith(".whl")
        pythons = self.basefilename.removesuffix(".whl").split("-")[-3:-2] or [""]
        fields: dict[str, Any] = {key: value for key, value in self._core.fields.items() if key != "keywords"}
        lists = {key: list(value) for key, value in self._core.lists.items() if key != "project_urls"}
        urls = dict(url.split(", ", 1) for url in self._core.lists.get("project_urls", ()))
        return {
            **fields,
            **lists,
            **({"project_urls": urls} if urls else {}),
            **({"keywords": self._core.fields["keywords"].split(",")} if "keywords" in self._core.fields else {}),
            "filetype": "bdist_wheel" if wheel else "sdist",
            "pyversion": pythons[0] if wheel else "source",
            "sha256_digest": self._digest,
        }


class _InProcess(BaseAdapter):
    """Hands a request to a WSGI application instead of sending it."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app
        self.notes = Notes()

    def send(self, request: PreparedRequest, *args: object, **options: object) -> Response:
        """Return the application's reply."""
        del args, options
        self.notes = Notes()
        body = request.body or b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": (request.path_url or "/").partition("?")[0],
            "QUERY_STRING": (request.path_url or "").partition("?")[2],
            "SERVER_NAME": "registry.invalid",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": body if hasattr(body, "read") else io.BytesIO(cast("bytes", body)),
            "wsgi.errors": io.StringIO(),
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": request.headers.get("Content-Length", ""),
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()},
            NOTES: self.notes,
        }
        reply = Response()

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Any:  # noqa: ANN401 - as WSGI has it.
            reply.status_code = int(status.partition(" ")[0])
            reply.reason = status.partition(" ")[2]
            reply.headers = CaseInsensitiveDict(headers)

        content = b"".join(self._app(environ, start_response))
        reply.raw = io.BytesIO(content)
        reply.request, reply.url = request, request.url or ""
        return reply

    def close(self) -> None:
        """Have nothing to close."""


@contextlib.contextmanager
def _quiet(name: str) -> Any:  # noqa: ANN401 - a generator of nothing.
    """Keep a logger from speaking to the caller's terminal; what it has to say is in the reply."""
    logger = logging.getLogger(name)
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before

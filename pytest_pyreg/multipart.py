"""Reading an upload's body: text fields into memory, files into the blob store while they arrive.

Parsing is werkzeug's sans-I/O decoder.  What counts as broken, and how, follows Go's mime/multipart, which reads the
forms of GitLab (Workhorse) and Gitea; it was measured with Go 1.26 on the bodies of `tests/test_multipart.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData, State

from pytest_pyreg.forms import Form, SentFile
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.text import utf8

if TYPE_CHECKING:
    from contextlib import ExitStack

    from pytest_pyreg.blobs import BlobStore, BlobWriter
    from pytest_pyreg.steps import UploadRules

BLOCK = 256 * 1024
"""Bytes read at once; with 8 KiB the same upload takes three times as long."""

_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


class Readable(Protocol):
    """A request body."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


def read_form(body: Readable, content_type: str, blobs: BlobStore, rules: UploadRules, owner: ExitStack) -> Form:
    """Read a form.

    Args:
        body: the request's body.
        content_type: its header; a body that is no multipart form has no files.
        blobs: where files go.
        rules: which file is kept, and the limits.
        owner: closes the files that nobody has committed.

    Raises:
        Refused: one of the refusals of the body.
    """
    kind, options = parse_options_header(content_type)
    if kind not in {"multipart/form-data", "multipart/mixed"}:
        return _read_plain(body, kind, rules)
    boundary = options.get("boundary")
    if not boundary:
        raise Refused(Refusal.BODY_MALFORMED)
    return _Reader(blobs, rules, owner).read(body, boundary.encode())


def _read_plain(body: Readable, kind: str, rules: UploadRules) -> Form:
    if kind != "application/x-www-form-urlencoded":
        return Form()
    text = b""
    while block := body.read(BLOCK):
        text += block
        if len(text) > rules.max_text_bytes:
            raise Refused(Refusal.FORM_TOO_LARGE, limit=rules.max_text_bytes)
    return Form(dict(parse_qsl(utf8(text), keep_blank_values=True)))


class _Reader:
    """One multipart form while it is read."""

    def __init__(self, blobs: BlobStore, rules: UploadRules, owner: ExitStack) -> None:
        self._blobs = blobs
        self._rules = rules
        self._owner = owner
        self._form = Form()
        self._left = rules.max_text_bytes
        self._file: BlobWriter | None = None
        self._name: str | None = None
        self._text: list[bytes] = []

    def read(self, body: Readable, boundary: bytes) -> Form:
        decoder = MultipartDecoder(boundary, max_form_memory_size=self._rules.max_text_bytes + BLOCK)
        while True:
            block = body.read(BLOCK)
            try:
                decoder.receive_data(block or None)
                finished = self._take(decoder)
            except RequestEntityTooLarge as error:
                raise self._endless(decoder) from error
            except ValueError as error:
                if not block and decoder.state is State.PART:
                    return self._form  # Go takes a body that ends after a boundary for a whole one.
                raise self._broken(decoder, at_end=not block) from error
            if finished:
                return self._form

    def _take(self, decoder: MultipartDecoder) -> bool:
        """Handle the events that the bytes so far give; return whether the form is complete."""
        while not isinstance(event := decoder.next_event(), NeedData):
            if isinstance(event, (Field, File)):
                self._begin(event)
            elif isinstance(event, Data):
                self._add(event)
            elif isinstance(event, Epilogue):
                return True
        return decoder.state is State.EPILOGUE

    def _begin(self, part: Field | File) -> None:
        if not all(_HEADER_NAME.fullmatch(name) for name, _ in part.headers):
            raise Refused(Refusal.BODY_MALFORMED)
        self._name, self._file, self._text = part.name or None, None, []
        if not isinstance(part, File) or not part.filename or self._name is None:
            return
        if len(self._form.files) >= self._rules.max_files:
            raise Refused(Refusal.FILES_TOO_MANY, limit=self._rules.max_files)
        if self._name in self._form.files:
            raise Refused(Refusal.FILE_REPEATED, field=self._name)
        # Go's `filepath.Base`, so a path that leads elsewhere loses its way.
        filename = part.filename.rstrip("/").rpartition("/")[2] or "/"
        if filename in {"/", ".", ".."}:
            raise Refused(Refusal.FILENAME_ILLEGAL, filename=part.filename)
        kept = self._name == self._rules.file_field
        self._file = self._owner.enter_context(self._blobs.writer(self._rules.max_file_bytes if kept else 0))
        self._form.files[self._name] = SentFile(filename, self._file)

    def _add(self, data: Data) -> None:
        if self._file is not None:
            self._file.write(data.data)
            return
        self._left -= len(data.data)
        if self._left < 0:
            raise Refused(Refusal.FORM_TOO_LARGE, limit=self._rules.max_text_bytes)
        self._text.append(data.data)
        if not data.more_data and self._name is not None:
            self._form.fields[self._name] = utf8(b"".join(self._text))

    def _endless(self, decoder: MultipartDecoder) -> Refused:
        """Name what a decoder is stuck in that has buffered all it may."""
        if decoder.state is State.PREAMBLE:
            return Refused(Refusal.BODY_MALFORMED)
        return Refused(Refusal.FORM_TOO_LARGE, limit=self._rules.max_text_bytes)

    @staticmethod
    def _broken(decoder: MultipartDecoder, *, at_end: bool) -> Refused:
        in_part = decoder.state in {State.DATA, State.DATA_START}
        return Refused(Refusal.BODY_BROKEN_OFF if at_end and in_part else Refusal.BODY_MALFORMED)

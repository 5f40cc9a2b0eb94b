"""Reading an upload's form: text fields into memory, files into the blob store while they arrive.

What is a file and what a text, and which form is refused, follows GitLab's Workhorse (internal/upload/rewrite.go).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from pytest_pyreg.forms import Form, SentFile
from pytest_pyreg.parts import BLOCK, Parts, Readable, media_type
from pytest_pyreg.refusals import Refusal, Refused
from pytest_pyreg.text import utf8

if TYPE_CHECKING:
    from contextlib import ExitStack

    from pytest_pyreg.blobs import BlobStore, BlobWriter
    from pytest_pyreg.rules import UploadRules


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
    kind, options = media_type(content_type)
    if kind not in {"multipart/form-data", "multipart/mixed"}:
        return _read_plain(body, kind, rules)
    boundary = options.get("boundary")
    if not boundary:
        raise Refused(Refusal.BODY_MALFORMED)
    return _Reader(blobs, rules, owner).read(Parts(body, boundary.encode("latin-1", "replace"), lenient=rules.as_sent))


def _read_plain(body: Readable, kind: str, rules: UploadRules) -> Form:
    if kind != "application/x-www-form-urlencoded":
        return Form()
    text = b""
    while block := body.read(BLOCK):
        text += block
        if len(text) > rules.max_text_bytes:
            raise Refused(Refusal.FORM_TOO_LARGE, limit=rules.max_text_bytes)
    pairs = parse_qsl(utf8(text), keep_blank_values=True)
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        lists.setdefault(name, []).append(value)
    return Form(dict(pairs), lists)


class _Reader:
    """One form while it is read."""

    def __init__(self, blobs: BlobStore, rules: UploadRules, owner: ExitStack) -> None:
        self._blobs = blobs
        self._rules = rules
        self._owner = owner
        self._form = Form()
        self._left = rules.max_text_bytes

    def read(self, parts: Parts) -> Form:
        while (disposition := parts.next()) is not None:
            _, options = media_type(utf8(disposition))
            name, filename = options.get("name"), options.get("filename")
            if not name:
                for _ in parts.content():
                    pass
                continue
            if filename:
                self._file(parts, name, filename)
            else:
                self._text(parts, name)
            if parts.cut_off:
                raise Refused(Refusal.BODY_BROKEN_OFF)
        return self._form

    def _file(self, parts: Parts, name: str, sent: str) -> None:
        if len(self._form.files) >= self._rules.max_files:
            raise Refused(Refusal.FILES_TOO_MANY, limit=self._rules.max_files)
        if name in self._form.files and self._rules.first_field:
            for _ in parts.content():
                pass
            return
        if name in self._form.files:
            raise Refused(Refusal.FILE_REPEATED, field=name)
        filename = sent if self._rules.as_sent else _base(sent)
        kind, writer = utf8(parts.content_type), self._writer(name)
        for block in parts.content():
            writer.write(block)
        self._form.files[name] = SentFile(filename, writer, kind)

    def _writer(self, name: str) -> BlobWriter:
        limit = self._rules.max_file_bytes if name == self._rules.file_field else 0
        return self._owner.enter_context(self._blobs.writer(limit))

    def _text(self, parts: Parts, name: str) -> None:
        text = bytearray()
        for block in parts.content():
            self._left -= len(block)
            if self._left < 0:
                raise Refused(Refusal.FORM_TOO_LARGE, limit=self._rules.max_text_bytes)
            text += block
        value = utf8(bytes(text), nulls=self._rules.as_sent)
        if not self._rules.first_field or name not in self._form.fields:
            self._form.fields[name] = value
        self._form.lists.setdefault(name, []).append(value)


def _base(sent: str) -> str:
    """Return the last part of a path, as Go's `filepath.Base`, so that one which leads elsewhere loses its way."""
    filename = sent.rstrip("/").rpartition("/")[2] or "/"
    if filename in {"/", ".", ".."}:
        raise Refused(Refusal.FILENAME_ILLEGAL, filename=sent)
    return filename

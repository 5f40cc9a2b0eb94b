"""What a registry leaves behind for a person when a test has failed: its files, who stored them, and every request.

No secret is in it: texts are redacted, and a stored file that holds a known secret in plain bytes is left out.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_pyreg.exchanges import Log
    from pytest_pyreg.index import Index
    from pytest_pyreg.model import File, Release
    from pytest_pyreg.redaction import Redactor

LARGEST = 50 * 1024 * 1024
"""Bytes of a stored file that is still copied."""
_UNSAID = {"marks", "others"}
"""Of an exchange: what nobody but its log could read."""


def keep(folder: Path, title: str, logs: dict[str, Log], index: Index | None, blobs: Any, redact: Redactor) -> None:  # noqa: ANN401, PLR0917
    """Write a registry's state into a folder, which is made.

    Args:
        folder: where.
        title: which registry it is.
        logs: what came, by who was asked; the registry's own has no name.
        index: what is stored; None if it is gone.
        blobs: its bytes.
        redact: leaves secrets out of a text.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n\n".join(f"{title}{f' ({name})' if name else ''}\n{log}" for name, log in logs.items() if log or not name)
    (folder / "requests.txt").write_text(redact(text) + "\n", encoding="utf-8", errors="backslashreplace")
    requests = [_exchange(one, name) for name, log in logs.items() for one in log]
    _write(folder / "requests.json", requests, redact)
    if index is None:
        return
    stored = [_file(folder, release, file, blobs, redact) for release in index.releases() for file in release.files]
    _write(folder / "projects.json", stored, redact)


def _exchange(one: Any, asked: str) -> dict[str, Any]:  # noqa: ANN401 - an exchange, whatever it has.
    facts = {part.name: getattr(one, part.name) for part in fields(one) if part.name not in _UNSAID}
    return {"asked": asked or "registry", **facts, "at": one.at.isoformat(), "granted": one.granted}


def _file(folder: Path, release: Release, file: File, blobs: Any, redact: Redactor) -> dict[str, Any]:  # noqa: ANN401
    place = (*(release.namespace.path or "index").split("/"), release.normalized, release.version, file.filename)
    kept = folder.joinpath("files", *(re.sub(r"[^\w.+!-]|^\.+$", "_", redact(part)) for part in place))
    missing = _copied(file, kept, blobs, redact)
    return {
        "namespace": release.namespace.path,
        "project": release.name,
        "version": release.version,
        "filename": file.filename,
        "size": file.size,
        "sha256": file.digest,
        "announced": dict(file.hashes),
        "uploaded_by": file.uploaded_by,
        "uploaded_at": file.uploaded_at.isoformat(),
        "yanked": release.yanked,
        "kept": kept.relative_to(folder).as_posix() if not missing else None,
        **({"not_kept_because": missing} if missing else {}),
    }


def _copied(file: File, kept: Path, blobs: Any, redact: Redactor) -> str:  # noqa: ANN401 - a blob store.
    """Copy a file's bytes, and return why they were not."""
    if file.size > LARGEST:
        return f"it is larger than {LARGEST} bytes"
    try:
        stream = blobs.get(file.digest).open()
    except (KeyError, OSError):
        return "its bytes are gone"
    with stream:
        if redact.found(stream.read().decode("latin-1")):
            return "it holds a secret"
        stream.seek(0)
        while kept.exists():  # Of two files with one name both are kept.
            kept = kept.with_name(f"{kept.name}.{file.id}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.open("wb") as target:
            shutil.copyfileobj(stream, target)
    return ""


def _write(path: Path, data: list[dict[str, Any]], redact: Redactor) -> None:
    path.write_text(json.dumps(_without_secrets(data, redact), indent=2) + "\n", encoding="utf-8")


def _without_secrets(data: Any, redact: Redactor) -> Any:  # noqa: ANN401 - whatever JSON has.
    if isinstance(data, str):
        return redact(data)
    if isinstance(data, dict):
        return {redact(str(key)): _without_secrets(value, redact) for key, value in data.items()}
    return [_without_secrets(one, redact) for one in data] if isinstance(data, (list, tuple)) else data

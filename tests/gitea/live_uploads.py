"""The uploads that `compare_live` sends."""

from __future__ import annotations

from dataclasses import replace

from tests.gitea.live_operations import Operation, upload
from tests.gitea.live_wire import BOUNDARY, sha256

_AGAIN = (upload("first"),)
_VERSIONS = (
    *("1", "1.0.0.0.0", "01.0", "2024.01.02", "v1.0", "V1.0", "1.0RC1", "1.0rc1", "1.0a1.dev2", "1.0.post1.dev2"),
    *("1.0-1", "1.0alpha1", "1.0.0-rc.1", "1.0-preview", "1.0.rev", "1.0+local.1", "1.0+LOCAL", "1.0+a_b-c"),
    *(" 1.0", "1.0 ", "1.0\n", "x", "1.0.x", "", "1..0", "1.0.dev", "1.0+"),
)
_NAMES = (
    *("Up_{n}", "up.{n}", "up__{n}", "-up{n}", "up{n}-", "_up{n}", "up {n}", "up/{n}", "upé{n}", "", "u", "-", "UP{n}"),
)
_FILES = (
    *("up.txt", "../up{n}.whl", "dir/up{n}.whl", "dir\\up{n}.whl", "Up{n} 1.0.ZIP", "up;{n}.whl", "up<{n}>.whl", ".up"),
    *("upé{n}.whl", "up%41.whl", "up+{n}.whl", "up&{n}.whl", "a" * 100 + "{n}.whl"),
)
_TYPE = "Content-Type"
_URLENCODED = "application/x-www-form-urlencoded"

_FIELDS = tuple(upload("new").fields or ())

EPOCHS = [
    upload("epoch", version="1!1.0"),
    upload("zero epoch", version="0!1.0"),
]
UPLOADS = [
    upload("new"),
    upload("slash at the end", path="/"),
    upload("requires python", requires_python='>=3.8,!=3.9.* "x" <y>'),
    upload("metadata", summary="s", description="d", author="a", license="l", home_page="ftp://x"),
    upload("project urls", more=(("project_urls", "Homepage, https://example.org"), ("project_urls", "x"))),
    *(upload(f"version {version!r}", version=version) for version in _VERSIONS),
    *(upload(f"name {name!r}", name=name, after=f"/simple/{name}/" if name else "") for name in _NAMES),
    *(upload(f"file {name!r}", file=(name, "up")) for name in _FILES),
    upload("capital digest", sha256_digest=sha256("up").upper()),
    upload("wrong digest", sha256_digest=sha256("other")),
    upload("no digest", without=("sha256_digest",)),
    upload("empty digest", sha256_digest=""),
    upload("digest with a blank", sha256_digest=f" {sha256('up')}"),
    upload("no name", without=("name",)),
    upload("no version", without=("version",)),
    upload("no action", without=(":action",)),
    replace(upload("another action"), fields=((":action", "submit"), *_FIELDS[1:])),
    upload("name twice", more=(("name", "other{n}"),)),
    upload("no file", file=None),
    upload("file without a name", file=("", "up")),
    upload("empty file", file=("up{n}.whl", "")),
    upload("wrong digest and wrong name", "-", sha256_digest="x"),
    upload("the same again", before=_AGAIN),
    upload("the same in capitals", before=_AGAIN, file=("UP{n}-1.0.TAR.GZ", "up")),
    upload("other bytes under the name", before=_AGAIN, file=("up{n}-1.0.tar.gz", "other")),
    upload("another file of the version", before=_AGAIN, file=("up{n}-1.0.whl", "other"), requires_python=">=4"),
    upload("the same file in another version", before=_AGAIN, version="1.0.0", pause=True),
    upload("another spelling", "UP{n}", "2.0", before=_AGAIN, pause=True),
    upload("the version in capitals", version="1.0.POST1", before=(upload("first", version="1.0.post1"),)),
    upload("query besides", path="?a=b"),
    upload("no multipart", headers=((_TYPE, _URLENCODED),)),
    upload("no content type", headers=((_TYPE, ""),)),
    upload("a garbled content type", headers=((_TYPE, "multipart/form-data; boundary"),)),
    upload("no boundary", headers=((_TYPE, "multipart/form-data"),)),
    upload("another boundary", headers=((_TYPE, "multipart/form-data; boundary=other"),)),
    upload("mixed parts", headers=((_TYPE, f"multipart/mixed; boundary={BOUNDARY}"),)),
    upload("capital type", headers=((_TYPE, f"Multipart/Form-Data; boundary={BOUNDARY}"),)),
    Operation("upload", "nothing in a form", "POST", "", ((_TYPE, f"multipart/form-data; boundary={BOUNDARY}"),)),
    Operation("upload", "nothing", "POST"),
    Operation(
        "upload",
        "broken off",
        "POST",
        "",
        ((_TYPE, f"multipart/form-data; boundary={BOUNDARY}"),),
        body=f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="name"\r\n\r\nup'.encode(),
    ),
    Operation(
        "upload",
        "broken off within the file",
        "POST",
        "",
        ((_TYPE, f"multipart/form-data; boundary={BOUNDARY}"),),
        body=f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="content"; filename="x.whl"\r\n\r\nup'.encode(),
    ),
]

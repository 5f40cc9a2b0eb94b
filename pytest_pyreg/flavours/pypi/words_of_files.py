"""The rules of the public index about files: names, sizes, digests, archives and what is in them.

See `words` for what the numbers are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi import features
from pytest_pyreg.flavours.pypi.rule import MORE, Before, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMITS = "See {docs}/project-management/storage-limits#"

_NAMES_AND_BYTES = {
    "control characters": Rule(
        27,
        400,
        "Cannot upload a file with non-printable characters (ordinals 0-31) or the DEL character (ordinal 127) in "
        "the name.",
    ),
    "slashes": Rule(28, 400, "Cannot upload a file with '/' or '\\' in the name."),
    "extension of type": Rule(
        29,
        400,
        "Invalid file extension: Extension {extension} is invalid for filetype {filetype}. See {pep_527}" + MORE,
    ),
    "extension": Rule(
        30,
        400,
        "Invalid file extension: Use .tar.gz, .whl or .zip extension. See {pep_527} and {pep_715} for more information",
    ),
    "content type": Rule(31, 400, "Invalid distribution file."),
    "file size": Rule(
        32,
        400,
        "File too large. Limit for project {project!r} is {limit} MB. "
        + _LIMITS
        + "requesting-a-file-size-limit-increase"
        + MORE,
    ),
    "project size": Rule(
        33,
        400,
        "Project size too large. Limit for project {project!r} total size is {limit} GB. "
        + _LIMITS
        + "requesting-a-project-size-limit-increase",
    ),
    "digest": Rule(34, 400, "The digest supplied does not match a digest calculated from the uploaded file."),
    # Its first words are what clients go by to skip what exists.
    "file exists": Rule(
        36,
        400,
        "File already exists ({filename!r}, with blake2_256 hash {blake2!r}). See {help}file-name-reuse" + MORE,
    ),
    "filename used": Rule(
        37,
        400,
        "This filename was previously used by a file that has since been deleted. Use a different version. "
        "See {help}file-name-reuse" + MORE,
    ),
    "release closed": Rule(38, 400, "Uploading new files to releases older than {days} days is not allowed."),
    "second sdist": Rule(39, 400, "Only one sdist may be uploaded per release."),
}

# wh:warehouse/utils/zipfiles.py.
_ZIP = {
    "zip local duplicate": "Duplicate filename in local headers",
    "zip central duplicate": "Duplicate filename in central directory",
    "zip local missing": "Missing filename in local headers",
    "zip central missing": "Filename not in central directory",
    "zip data size": "Mis-matched data size",
    "zip file size": "Mis-matched file size",
    "zip descriptor": "ZIP contains a data descriptor",
    "zip comment": "Comment in central directory",
    "zip signature": "Unknown record signature",
    "zip trailing": "Trailing data",
    "zip character": "Invalid character in filename",
    "zip not unicode": "Filename not unicode",
    "zip extra": "Invalid duplicate extra in local file",
    "zip extensible": "ZIP64 extensible data not allowed",
    "zip malformed": "Malformed zip file",
    "zip not utf-8": "Filename not valid UTF-8",
    "zip directories": "Mis-matched local headers and central directory",
    "zip central records": "Mismatched central directory records",
    "zip central offset": "Mismatched central directory offset",
    "zip central size": "Mismatched central directory size",
}

# wh:warehouse/forklift/legacy.py, `_is_valid_dist_file`, and warehouse/utils/scanner_rules/.
_ARCHIVES = {
    "both archives": "File is both a zip and a tar file",
    "no zip": "File is not a zipfile",
    "ratio": "File exceeds compression ratio of {ratio}",
    "compression": "File does not use a supported compression type",
    "top level": "Incorrect number of top-level directories in sdist",
    "no PKG-INFO": "PKG-INFO not found at {path}",
    "wheel filename": "Unable to parse name and version from wheel filename",
    "no WHEEL": "WHEEL not found at {path}",
    "pyarmor": "PyArmor-encrypted content is not allowed. See {policy}" + MORE,
    "sourcedefender": "SourceDefender-encrypted content is not allowed. See {policy}" + MORE,
    **{
        name: f"ZIP archive not accepted: {words}. See {{docs}}/archives for more information"
        for name, words in _ZIP.items()
    },
    "no tar": "File is not a tarfile",
    "sparse": "tar archive not accepted: Sparse members are not allowed. See {docs}/archives for more information",
    "broken archive": "None",  # The real server formats Python's None.
}

_CONTENTS = {
    "sdist filename": Rule(41, 400, "Invalid source distribution filename: {filename}"),
    "sdist project": Rule(42, 400, "Start filename for {project!r} with {start!r}."),
    "sdist spelling": Rule(43, 400, "Filename {filename!r} is invalid, should be {expected!r}."),
    "sdist license": Rule(44, 400, "License-File {license} does not exist in distribution file {filename} at {path}"),
    "wheel parts": Rule(45, 400, "{error}"),
    "wheel platform": Rule(46, 400, "Binary wheel '{filename}' has an unsupported platform tag '{tag}'."),
    "wheel project": Rule(47, 400, "Start filename for {project!r} with {start!r}."),
    "wheel spelling": Rule(
        48, 400, "Filename {filename!r} should contain the normalized project name {expected!r}, not {actual!r}."
    ),
    "wheel version": Rule(49, 400, "Version in filename should be {expected!r} not {actual!r}."),
    "wheel license": Rule(50, 400, "License-File {license} does not exist in distribution file {filename} at {path}"),
    "no RECORD": Rule(51, 400, "Wheel '{filename}' does not contain the required RECORD file: {path}"),
    "entry points": Rule(52, 400, "Wheel '{filename}' has invalid entry points defined in the entry_points.txt file"),
    "no METADATA": Rule(53, 400, "Wheel '{filename}' does not contain the required METADATA file: {path}"),
    "filename too long": Rule(54, 400, "Filename is too long: '{filename}'"),
}

# wh:warehouse/attestations/services.py.
_ATTESTATIONS = {
    "no publisher": "Attestations are only supported when using Trusted Publishing",
    "publisher attests nothing": "Attestations are not currently supported with {publisher} publishers",
    "attestations malformed": "Malformed attestations: {error}",
    "attestations empty": "Malformed attestations: an empty attestation set is not permitted",
    "attestations many": "A maximum of {limit} attestations per file are supported",
    "attestation unverified": "Could not verify the uploaded artifact using the included attestation: {error}",
    "attestation failed": "Unknown error while trying to verify included attestations: {error}",
    "predicate unsupported": "Attestation with unsupported predicate type: {predicate}",
    "predicate repeated": (
        "Multiple attestations for the same file with the same predicate type ({predicate}) are not supported"
    ),
}

OF_FILES: Mapping[str, Rule] = {
    **_NAMES_AND_BYTES,
    **{name: Rule(40, 400, f"Invalid distribution file. {words}") for name, words in _ARCHIVES.items()},
    **_CONTENTS,
    **{
        name: Rule(55, 400, f"Invalid attestations supplied during upload: {words}")
        for name, words in _ATTESTATIONS.items()
    },
}

FILES_BEFORE: Mapping[str, tuple[Before, ...]] = {
    # #16488, August 2024, and #18925, October 2025.
    "file exists": (Before(features.SHORT_DUPLICATES, words="File already exists. See {help}file-name-reuse" + MORE),),
    "filename used": (
        Before(
            features.SHORT_BURNED,
            words="This filename has already been used, use a different version. See {help}file-name-reuse" + MORE,
        ),
    ),
}
"""What was said otherwise once."""

"""What the public index can do, or asks, in an era, in words that errors and `pyreg flavours` show."""

from __future__ import annotations

REASON = "the message stands in the status line"
JSON = "simple pages as JSON"
QUIET = "an upload is answered with an empty page"
EARLY_ACCOUNTS = "accounts are asked for e-mail and second factor before rights"
ACCOUNTS_ARE_BAD_REQUESTS = "an account without e-mail or second factor is a bad request"
TOKENS_NEED_SECOND_FACTOR = "tokens of accounts without a second factor are refused"
ATTESTATIONS = "attestations are kept and shown"
RATES_TOLD = "uploads that begin a project tell how many may follow"
DOUBLED = "each failing caveat is named twice"
CLOSED = "releases close to new files after fourteen days"
METADATA = {
    version: f"metadata {version}" for version in ("1.0", "1.1", "1.2", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5")
}
"""Metadata version -> that uploads may have it."""
RULE = "rule: "
"""What the name of a rule in `words.RULES` stands behind, if it was not always one."""
LATER_RULES = (
    *("no METADATA", "wheel version", "wheel license", "sdist license", "no RECORD", "sdist spelling"),
    *("wheel spelling", "both archives", "pyarmor", "sourcedefender", "entry points", "sparse"),
    *("zip local duplicate", "zip central duplicate", "zip local missing", "zip central missing", "zip data size"),
    *("zip signature", "zip trailing", "zip not unicode", "zip malformed", "zip not utf-8", "zip directories"),
    *("zip descriptor", "zip comment", "zip extra", "zip extensible", "zip character", "zip central records"),
    *("zip central offset", "zip central size", "zip file size"),
)
"""The rules that are not as old as the first era; see `eras`."""

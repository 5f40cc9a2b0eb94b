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
SHORT_DUPLICATES = "a duplicate is told without its name and digest"
SHORT_BURNED = "a name that was used is told in a sentence of its own"
RULE = "rule: "
"""What the name of a rule in `words.RULES` stands behind, if it was not always one; without a source it is none yet."""

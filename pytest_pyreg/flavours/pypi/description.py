"""Whether a long description can be shown (checks 25 and 26; wh:warehouse/utils/readme.py and forklift/legacy.py).

Markdown and plain text always can, so that only reStructuredText is rendered, with `readme_renderer` as the real server
does it.  What it makes of a text differs a little by its release: before 46 a lone heading renders to nothing, and that
fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.flavours.pypi.words import refuse

if TYPE_CHECKING:
    from pytest_pyreg.flavours.pypi.core_metadata import Core

_RST = "text/x-rst"


def checked(core: Core) -> None:
    """Check the description, if there is one.

    Raises:
        Refused: RULE_BROKEN.
    """
    content_type = core.texts.get("description_content_type", "")
    if not core.description or (content_type and content_type.partition(";")[0].strip().lower() != _RST):
        return
    from readme_renderer import rst

    if rst.render(core.description) is not None:
        return
    raise refuse("description", content_type=content_type) if content_type else refuse("description untyped")

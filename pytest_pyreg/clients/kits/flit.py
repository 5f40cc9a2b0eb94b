"""flit: it publishes what it builds, and nothing else.

Redirected, it sends a GET, says "Package is at ..." and ends with exit code 0: nothing is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_pyreg.clients.kit import CLIENT, Kit, Task

if TYPE_CHECKING:
    from pytest_pyreg.clients.kit import Target


def _settings(target: Target) -> dict[str, str]:
    return {
        "FLIT_INDEX_URL": target.upload_url,
        **target.login("FLIT_USERNAME", "FLIT_PASSWORD"),
        "FLIT_NO_NETWORK": "1",  # It would fetch the list of classifiers, from the public index itself.
    }


KIT = Kit(
    _settings,
    module="flit",
    # Without the history that a project's folder may lack: then it takes the files that the project names.
    publish=Task(commands=((CLIENT, "publish", "--no-use-vcs"),)),
)

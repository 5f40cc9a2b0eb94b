"""The command `pyreg`: the same registry for people who are not in pytest.

Results go to standard output, talk to standard error.  Exit codes: 0 fine, 1 refused, 2 usage; `exec` exits with the
command's own.  Nothing is imported here at the top: an interrupt meanwhile would be a traceback.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
"""As a shell has it: 128 and the number of the signal."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: the arguments; the process's own if left out.

    Returns:
        The exit code.
    """
    try:
        from pytest_pyreg.cli.starting import mortal

        with mortal(own=argv is None) as begun:
            from pytest_pyreg.cli import command

            return command.run(argv, begun)
    except KeyboardInterrupt:
        return INTERRUPTED

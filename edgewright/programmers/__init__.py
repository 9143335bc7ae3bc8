"""What puts firmware on a board: each module that does not begin with "_" is a tool that [flash] may name.

The contract of a module `programmers/<name>.py` (out of tree: an entry point of the group "edgewright.programmers"):

    OPTIONS: type[Options]
        the keys that a [flash] section may hold beside `tool`, with their defaults.
    PROGRAM: str
        the outside program that does it.
    HINT: str
        how to get it.
    flash(image: Image, options: OPTIONS, folder: Path) -> bytes
        programs the board, starts it, and gives what was read back from it. `folder` is empty, for files on the way.
        DeviceError: there is no probe or no board, or the tool says that it failed; ToolError: the tool is missing.

and may have

    identity(options: OPTIONS) -> str
        names the probe or the board where there can be several: one is programmed at a time.

Whether it worked is judged by the bytes that were read back, and by nothing that a tool says: some end with status 0
when there is no probe at all.
"""

from edgewright.programmers._base import Image, Options, verify

__all__ = ["Image", "Options", "verify"]

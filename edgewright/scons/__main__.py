"""scons, as `python -m edgewright.scons`: Ctrl-C ends it without a traceback from its first moment on.

`./sconsw` starts it with SIGINT blocked, so that a Ctrl-C before this module has a say waits for it. The command
`scons` of the same environment builds the same; it does not know of Ctrl-C before it has imported SCons.
"""

# ruff: noqa: E402 - Ctrl-C first: the rest takes long to import
import signal
import sys

from edgewright import interrupts

interrupts.end_quietly("interrupted: nothing was begun")
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

from SCons.Script.Main import main

if __name__ == "__main__":
    sys.exit(main())

"""The command `seqcopy`: `python -m seqcopy show /dev/shm/quote`."""

import signal
import sys

from ._seqcopy import _run


def main() -> int:
    # It ends as any program: the interpreter's handler would wait for its next line of Python.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _run(["seqcopy", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())

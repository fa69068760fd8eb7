"""Where the command begins: Ctrl+C ends it in one sentence while it is still importing, too."""

import errno
import os
import sys
from typing import Final

STOPPED: Final = "Stopped; no partly written file is left."

STOPPED_STATUS: Final = 130
"""Exit status of what Ctrl+C stopped: 128 and the number of the signal, as shells have it."""

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a disk that is full or failing says of standard output."""


def start() -> None:
    """Run the command line; what it imports takes a second or two."""
    try:
        from napari_refusion.cli.main import app

        app()
    except KeyboardInterrupt:
        sys.stderr.write(f"{STOPPED}\n")
        sys.exit(STOPPED_STATUS)
    except OSError as error:
        if error.errno not in _FULL or error.filename is not None:  # of a file that has a name, more is said elsewhere
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left to be printed is tried at the end
        sys.stderr.write(f"Make room where the output is written to, for it is cut off there: {error.strerror}.\n")
        sys.exit(1)

"""Where the command begins: Ctrl+C ends it in one sentence while it is still importing, too."""

import sys
from typing import Final

STOPPED: Final = "Stopped; no partly written file is left."

STOPPED_STATUS: Final = 130
"""Exit status of what Ctrl+C stopped: 128 and the number of the signal, as shells have it."""


def start() -> None:
    """Run the command line; what it imports takes a second or two."""
    try:
        from napari_refusion.cli.main import app

        app()
    except KeyboardInterrupt:
        sys.stderr.write(f"{STOPPED}\n")
        sys.exit(STOPPED_STATUS)

"""``napari-refusion check`` in a process of its own, with its time and its peak of memory."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CODE: Final = """
import re, resource, sys, time
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
from napari_refusion.cli.main import app
try:
    app(["check", *sys.argv[1:]])
except SystemExit as done:
    peak = re.search(r"VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1]
    print(done.code, time.process_time(), peak, file=sys.stderr)
"""
"""The peak is read by the process itself: what the system tells its parent includes that one's own."""

ADDRESSES: Final = 2**33
"""Bytes of address space that the process may take; libraries reserve far more than they use."""


@dataclass(frozen=True, slots=True)
class Checked:
    """How a check ended."""

    status: int
    """Exit status."""
    printed: str
    seconds: float
    """Of the processor, which other work on the computer does not lengthen."""
    megabytes: float
    """Peak of the resident set."""


def check(path: Path, *options: str) -> Checked:
    """Return how ``napari-refusion check PATH`` ended; an error if it ended otherwise than by its own exit."""
    command = [sys.executable, "-W", "ignore", "-c", _CODE, str(ADDRESSES), str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    status, seconds, kilobytes = done.stderr.split()[-3:]
    return Checked(int(status), done.stdout, float(seconds), int(kilobytes) / 1024)

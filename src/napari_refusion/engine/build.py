"""Where compiled code is kept, and whether what is there can be used: made on this computer, tried, and undamaged.

A folder of the user's cache for each build; compiled code is run as it is, so nobody else may write there.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from platformdirs import user_cache_path

from napari_refusion.replacing import replacing

_READY: Final = "ready.json"
_FAILED: Final = "failed.json"

SAID_WHY: Final = 3
"""What a child process ends with that wrote the words of a `BuildError` in its last line."""

TRIES: Final = 3
"""Failed attempts after which it is left alone, until the folder is removed."""


class BuildError(Exception):
    """Why there is no compiled code, in words that follow a colon and name no path: records keep them."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What compiled code did when it was tried beside PyTorch, one thread each."""

    error: float
    """Largest difference of fused images in [0, 1]."""
    ratio: float
    """PyTorch's time divided by its own, for an image of 256 x 256."""


@dataclass(frozen=True, slots=True)
class Build:
    """A folder for compiled code."""

    folder: Path

    def trial(self) -> Trial | None:
        """Return how the code that is there did when it was tried; None where there is none, or it is damaged."""
        try:
            content = json.loads((self.folder / _READY).read_bytes())
            files = {name: hashlib.sha256((self.folder / name).read_bytes()).hexdigest() for name in content["files"]}
            return Trial(**content["trial"]) if files and files == content["files"] else None
        except (OSError, ValueError, KeyError, TypeError):  # not there yet, or half of it
            return None

    def finish(self, trial: Trial) -> None:
        """Say that what is there can be used."""
        files = {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.glob("*/*.nb?"))
        }
        with replacing(self.folder / _READY) as path:
            path.write_text(json.dumps({"files": files, "trial": asdict(trial)}), encoding="utf-8", newline="\n")

    def clear(self) -> None:
        """Remove what an attempt that did not end well left behind."""
        for path in (*self.folder.glob("*/*.nb?"), self.folder / _READY):
            path.unlink(missing_ok=True)

    def failures(self) -> tuple[int, str]:
        """Return how many attempts failed, and why the last one did."""
        try:
            content = json.loads((self.folder / _FAILED).read_bytes())
            return int(content["count"]), str(content["why"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0, ""

    def fail(self, why: str) -> None:
        """Remember that an attempt failed."""
        count = self.failures()[0] + 1
        with replacing(self.folder / _FAILED) as path:
            path.write_text(json.dumps({"count": count, "why": why}), encoding="utf-8", newline="\n")


def find_build(parent: Path | None = None) -> Build:
    """Return the folder of this package, this Numba and this processor, made where it is missing.

    Parameters
    ----------
    parent
        The folder of all builds; by default in the user's cache.

    Raises
    ------
    BuildError
        If nothing can be written there, or others can.
    """
    folder = (parent or user_cache_path("napari-refusion") / "engine") / _build_name()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BuildError(f"nothing can be written to its folder of the cache ({error.strerror})") from error
    state = folder.stat()
    # its owner is another one where root runs in a user's home
    if os.name == "posix" and (state.st_mode & 0o022 or state.st_uid != os.geteuid()):
        raise BuildError("others could write to its folder of the cache")
    return Build(folder)


@contextmanager
def caching_in(build: Build) -> Iterator[None]:
    """Let Numba keep what is defined meanwhile in a build's folder."""
    import numba

    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(build.folder)
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


def _build_name() -> str:
    """Return what tells compiled code apart: a hash of these sources, of Python, Numba and the processor."""
    from napari_refusion.engine.lanes import LANES, processor

    package = Path(__file__).parent
    stamp = (package / "passes.py").stat()
    parts = [sys.version, version("numba"), version("llvmlite"), *processor(), LANES, package, stamp.st_mtime_ns]
    parts += [file.read_text(encoding="utf-8") for file in sorted(package.glob("*.py"))]
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:16]

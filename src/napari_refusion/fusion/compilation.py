"""How this process comes to compiled code: from the cache, or from a child process that compiles it meanwhile."""

import importlib.util
import logging
import os
import subprocess
import sys
import tempfile
import weakref
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING, Final

from napari_refusion.engine.build import SAID_WHY, TRIES, Build, BuildError, Trial, caching_in, find_build

if TYPE_CHECKING:
    from napari_refusion.engine.network import FusedNetwork

_LOG = logging.getLogger(__name__)

SWITCH: Final = "REFUSION_COMPILED"
"""Environment variable: with 0, nothing is compiled."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """Compiled code that is ready."""

    network: "type[FusedNetwork]"
    trial: Trial


@dataclass(frozen=True, slots=True)
class Compiling:
    """A child process compiles it."""


@dataclass(frozen=True, slots=True)
class NotCompiled:
    """There is none, and there will be none in this process."""

    why: str
    """Words that follow a colon; empty where that was chosen."""
    is_missing: bool = False
    """Whether Numba is not installed."""
    is_fault: bool = False
    """Whether something went wrong."""


State = Compiled | Compiling | NotCompiled


@dataclass(frozen=True, slots=True)
class _Child:
    process: "subprocess.Popen[bytes]"
    errors: IO[bytes]
    """A temporary file that it writes to."""


class Compilation:
    """Compiled code on its way; several threads may ask for it."""

    def __init__(self, parent: Path | None = None, module: str = "napari_refusion.fusion.compiling_child") -> None:
        self._parent, self._module = parent, module
        self._lock = Lock()
        self._state: State | None = None
        self._build: Build | None = None
        self._child: _Child | None = None

    def state(self) -> State:
        """Return how far it is; the first call begins. Takes up to a second when code is loaded, else nothing."""
        with self._lock:
            if self._state is None or isinstance(self._state, Compiling):
                try:
                    self._state = self._advanced()
                except BuildError as error:
                    self._state = NotCompiled(str(error), is_fault=True)
                except Exception as error:  # whatever a broken Numba raises: PyTorch computes the same
                    _LOG.warning("There is no compiled network.", exc_info=True)
                    self._state = NotCompiled(f"{type(error).__name__}, see the log", is_fault=True)
            return self._state

    def _advanced(self) -> State:
        if self._child is not None:
            if self._child.process.poll() is None:
                return Compiling()
            with self._child.errors as errors:
                self._check(self._child.process.returncode, errors)
        elif os.environ.get(SWITCH) == "0":
            return NotCompiled("")
        elif importlib.util.find_spec("numba") is None:
            return NotCompiled("Numba is not installed", is_missing=True)
        build = self._build = self._build or find_build(self._parent)
        if (trial := build.trial()) is not None:
            return _loaded(build, trial)
        if self._child is not None:
            raise BuildError("what was compiled is not there")
        count, why = build.failures()
        if count >= TRIES:
            _LOG.warning("Remove %s to compile the network again.", build.folder)
            raise BuildError(f"{why} ({count} times; it is tried again when the folder that the log names is removed)")
        if not os.access(build.folder, os.W_OK):
            raise BuildError("nothing can be written to its folder of the cache")
        self._child = self._started(build)
        return Compiling()

    def _started(self, build: Build) -> _Child:
        package = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))
        # whole seconds less to compile than at the highest level, and as fast
        environment = os.environ | {"PYTHONPATH": path, "NUMBA_OPT": "1", "NUMBA_DISABLE_JIT": "0"}
        command = [sys.executable, "-P", "-m", self._module, str(build.folder.parent)]
        quiet = subprocess.DEVNULL
        try:
            errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the child has ended, or this process ends
            weakref.finalize(self, errors.close)
            if sys.platform == "win32":
                flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
                child = subprocess.Popen(
                    command, env=environment, stdin=quiet, stdout=quiet, stderr=errors, creationflags=flags
                )
            else:
                child = subprocess.Popen(
                    command, env=environment, stdin=quiet, stdout=quiet, stderr=errors, start_new_session=True
                )
        except OSError as error:
            raise BuildError(f"no process could be started ({error.strerror})") from error
        return _Child(child, errors)

    def _check(self, code: int, errors: IO[bytes]) -> None:
        """Raise `BuildError`, and remember why, if the child did not end well."""
        if code == 0:
            return
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()
        _LOG.warning("The network was not compiled (%d): %s", code, said)
        why = f"its process ended with {code}"
        if code < 0:
            why = f"its process was ended by signal {-code}"
        elif code == SAID_WHY:
            why = said.splitlines()[-1]
        if self._build is not None:
            self._build.fail(why)
        raise BuildError(why)


def _loaded(build: Build, trial: Trial) -> State:
    if trial.ratio <= 1:
        return NotCompiled(f"it is no faster than PyTorch on this computer ({trial.ratio:.2f} times)")
    with caching_in(build):
        from napari_refusion.engine.network import FusedNetwork
    return Compiled(FusedNetwork, trial)


@cache
def compilation() -> Compilation:
    """Return this process's own."""
    return Compilation()

"""Torch, MONAI, compiled code and the units of napari's layers made ready in a worker thread when a widget opens.

The first file that is opened needs them, and the window stood still for seconds.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pint import LazyRegistry, UnitRegistry, application_registry, set_application_registry
from qtpy.QtCore import QTimer

from napari_refusion.io.quiet_monai import quiet_monai
from napari_refusion.widgets.collecting import uncollected
from napari_refusion.widgets.worker import Job

if TYPE_CHECKING:
    from qtpy.QtCore import QObject

SLOW: Final = ("torch", "monai", "napari_refusion.io.by_monai", "napari_refusion.fusion.network_engine")
"""What is imported, one after the other."""

AFTER: Final = 100
"""Milliseconds after which it begins: the widget is drawn first, which it would slow down."""

_LOG = logging.getLogger(__name__)


def warm_up(parent: QObject, then: Callable[[], None]) -> Job | None:
    """Make ready in a worker thread what opening and fusing need; None where it is there already.

    Parameters
    ----------
    then
        Is called in the window's thread when all of it is there.
    """
    if sys.modules.keys() >= set(SLOW):
        _later(parent, then)
        return None
    job = Job(parent, ready)
    job.message.connect(take_units)
    job.ended.connect(lambda end: then() if end == "finished" else None)
    _later(job, job.start)
    return job


def _later(parent: QObject, act: Callable[[], None]) -> None:
    """Do something `AFTER` a while: a child of `parent`, so that nothing begins in a window that is gone."""
    later = QTimer(parent)
    later.setSingleShot(True)
    later.timeout.connect(act)
    later.start(AFTER)


def ready() -> Iterator[str | UnitRegistry[float]]:
    """Yield the units, and the name of each module of `SLOW` when it is imported; its user says why one cannot be."""
    yield UnitRegistry(on_redefinition="raise")  # as pint makes it when it is first asked for one
    _load_libraries()
    quiet_monai()
    for name in SLOW:
        try:
            with uncollected():
                importlib.import_module(name)
        except (ImportError, OSError) as error:
            _LOG.info("%s cannot be imported ahead: %s", name, error)
            return
        yield name
    from napari_refusion.fusion.compilation import compilation

    with uncollected():
        compilation().state()  # loads compiled code, or begins to compile it in another process


def take_units(found: str | UnitRegistry[float]) -> None:
    """Take the units, unless there are some already: those of two registries cannot be compared."""
    if isinstance(found, UnitRegistry) and type(application_registry.get()) is LazyRegistry:
        set_application_registry(found)


def _load_libraries() -> None:
    """Load torch's libraries without Python's lock, which importing torch would hold for 0.2 s; Linux alone needs it.

    Whatever fails here fails again, with its reason, where torch is imported.
    """
    torch = None if "torch" in sys.modules else importlib.util.find_spec("torch")
    if sys.platform != "linux" or torch is None or torch.origin is None:
        return
    program = ctypes.CDLL(None)  # calls of its functions release the lock, while CDLL of a path holds it
    program.dlopen.argtypes, program.dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    folder = Path(torch.origin).parent / "lib"
    for name, mode in (("libtorch_global_deps.so", os.RTLD_GLOBAL), ("libtorch_python.so", os.RTLD_LOCAL)):
        if not program.dlopen(os.fsencode(folder / name), os.RTLD_NOW | mode):
            return

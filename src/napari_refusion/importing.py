"""Importing a large library in one thread at a time.

Two threads that import MONAI at once wait for each other's modules: Python breaks such a deadlock with an error in one
of them, and leaves the other with modules that are imported by half.
"""

import importlib
import threading
from types import ModuleType
from typing import Final

_ALONE: Final = threading.RLock()
"""Held while a library is imported; the library may import others that do the same."""


def import_alone(name: str) -> ModuleType:
    """Return a module, imported when no other thread imports one in this way."""
    with _ALONE:
        return importlib.import_module(name)

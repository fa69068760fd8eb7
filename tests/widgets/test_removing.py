"""Layers go without a collection of garbage, and no garbage stays for good."""

import gc
import sys
import weakref

import pytest

from napari_refusion.widgets.removing import nothing_collected

pytestmark = pytest.mark.usefixtures("unfrozen")


class Ring:
    """Refers to itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.own = self


@pytest.mark.skipif(sys.platform == "win32", reason="there napari's collection is needed")
def test_what_is_garbage_meanwhile_is_collected_afterwards() -> None:
    before = weakref.ref(Ring())
    with nothing_collected():
        gc.collect()
        assert before() is not None
    gc.collect()
    assert before() is None
    assert gc.get_freeze_count() == 0


def test_what_somebody_else_froze_stays_frozen() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with nothing_collected():
            pass
        assert gc.get_freeze_count() == frozen > 0
    finally:
        gc.unfreeze()

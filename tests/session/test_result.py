"""Colours of the result that is shown, as the reader's threshold wants them."""

from napari_refusion.session.compare import scale_of
from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.source import Request
from tests.session.asked import one_slice, with_settings


def threshold_shown(session: FusionSession) -> float | None:
    assert session.shown is not None
    assert session.shown.started.colouring is not None
    return session.shown.started.colouring.legend.threshold


def test_the_threshold_is_that_of_what_is_shown_and_of_what_is_fused_next(request_all: Request) -> None:
    session = FusionSession()
    recoloured: list[object] = []
    session.result.recoloured.connect(recoloured.append)
    session.fuse(one_slice(request_all))
    assert threshold_shown(session) is None
    session.result.set_threshold(3.0, scale_of(session.partial))
    assert threshold_shown(session) == 3.0
    session.fuse(with_settings(one_slice(request_all), palette="hot_iron"))
    assert threshold_shown(session) == 3.0
    session.result.set_threshold(None, scale_of(session.partial))
    assert threshold_shown(session) is None
    assert len(recoloured) == 2


def test_a_threshold_in_another_unit_changes_nothing(request_all: Request) -> None:
    session = FusionSession()
    session.fuse(one_slice(request_all))
    session.result.set_threshold(3.0, ("another",))
    assert threshold_shown(session) is None


def test_slices_that_are_there_are_shown_anew_in_other_colours_and_not_again_in_the_same(request_all: Request) -> None:
    session = FusionSession()
    session.fuse(one_slice(request_all))
    shown: list[object] = []
    session.result.changed.connect(shown.append)
    session.fuse(one_slice(request_all))
    assert shown == []
    session.fuse(with_settings(one_slice(request_all), palette="hot_iron"))
    assert shown == [session.shown]
    assert session.shown is not None
    assert session.shown.started.colouring is not None
    assert session.shown.started.colouring.legend.palette == "hot_iron"

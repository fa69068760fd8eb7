"""What is fused, shown and refused of what is asked for, without a window."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from napari_refusion.fusion.filling import FusedSlice
from napari_refusion.fusion.partial import Extent
from napari_refusion.fusion.torch_engine import TorchEngine
from napari_refusion.session.asked_fusion import AskedFusion
from napari_refusion.session.present_names import PresentNames
from napari_refusion.session.runner import run_at_once
from napari_refusion.session.source import Request
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.volume.volume import Volume
from tests.session.asked import one_slice, source, with_settings
from tests.session.told import arrivals, done, ends, sentences


@pytest.fixture
def session() -> AskedFusion:
    return AskedFusion(run_at_once)


def test_a_slice_and_then_the_volume_fill_the_same_result(session: AskedFusion, request_all: Request) -> None:
    shown: list[object] = []
    session.result.changed.connect(shown.append)
    session.ask(one_slice(request_all))
    assert done(session) == [2]
    first = session.partial
    session.ask(request_all)
    assert session.partial is first
    assert done(session) == [0, 1, 2, 3, 4, 5]
    assert len(shown) == 1
    assert (session.shown.called(PresentNames()), session.shown.keys) == ("T1w + pet", ("T1w", "pet"))
    assert session.request is None


def test_the_whole_result_is_ready_to_be_written_and_a_part_is_refused(
    session: AskedFusion, request_all: Request
) -> None:
    with pytest.raises(RefusedError, match="Fuse the whole volume first"):
        session.fused()
    session.ask(one_slice(request_all))
    with pytest.raises(RefusedError, match="Fuse the whole volume first"):
        session.fused()
    session.ask(request_all)
    fused = session.fused()
    np.testing.assert_array_equal(fused.volume.data, session.partial.fused)
    assert (fused.provenance.a.name, fused.provenance.b.name) == ("pet", "T1w")
    assert fused.colour is not None
    assert fused.legend.unit == "Bq/ml"


class Late:
    """A runner whose generators have yielded everything when they are asked for more, and end when they are told to."""

    def __init__(self) -> None:
        self.ends: list[Callable[[str], None]] = []

    def __call__(self, work: Any, arguments: Any, receive: Any, end: Any) -> Any:  # noqa: ANN401 - see `Runner`
        self.ends.append(end)

        def start() -> None:
            for message in work(*arguments):
                receive(message)

        return SimpleNamespace(start=start, send=lambda _value: None, cancel=lambda: None, close=lambda: None)


def test_a_slice_that_is_asked_for_when_a_fusion_is_about_to_end_is_fused_after_it(request_all: Request) -> None:
    runner = Late()
    session = AskedFusion(runner)
    ended = ends(session)
    session.ask(one_slice(request_all))
    session.ask(one_slice(request_all, 4))
    assert done(session) == [2]
    runner.ends[0]("finished")
    assert (done(session), ended) == ([2, 4], [])
    runner.ends[1]("finished")
    assert (done(session), len(runner.ends), len(ended)) == ([2, 4], 2, 1)


def test_a_volume_is_filled_from_the_slice_that_is_looked_at(session: AskedFusion, request_all: Request) -> None:
    found = arrivals(session)
    session.ask(request_all)
    assert found == [2, 3, 1, 4, 0, 5]


def test_an_older_image_is_shown_until_the_wanted_slice_is_there(session: AskedFusion, request_all: Request) -> None:
    session.ask(one_slice(request_all))
    before = session.partial
    shown_at_start: list[bool] = []
    session.started.connect(lambda _started: shown_at_start.append(session.partial is before))
    session.ask(one_slice(replace(request_all, second=source(request_all.second.image.volume, "0,40"))))
    assert shown_at_start == [True]
    assert session.partial is not before
    assert done(session) == [2]


def test_going_back_to_an_earlier_window_shows_its_slices_without_fusing_them_again(
    session: AskedFusion, request_all: Request, pet: Volume
) -> None:
    bright, dark = (replace(request_all, second=source(pet, window)) for window in ("0,80", "0,40"))
    session.ask(one_slice(bright))
    first = session.partial
    session.ask(one_slice(dark))
    assert session.partial is not first
    found = arrivals(session)
    session.ask(one_slice(bright))
    assert found == []
    assert session.partial is first
    assert session.shown.started.provenance.a.window == (0.0, 80.0)


def test_only_a_few_canvases_are_kept(session: AskedFusion, request_all: Request, pet: Volume) -> None:
    for high in (80, 70, 60, 50):
        session.ask(one_slice(replace(request_all, second=source(pet, f"0,{high}"))))
    found = arrivals(session)
    session.ask(one_slice(replace(request_all, second=source(pet, "0,80"))))
    assert found == [2]


def test_cancelling_keeps_the_finished_slices(session: AskedFusion, request_all: Request) -> None:
    found, how = arrivals(session), ends(session)

    def stop(_slice: FusedSlice) -> None:
        if len(found) == 3:
            session.cancel()

    session.arrived.connect(stop)
    session.ask(request_all)
    assert how == [("cancelled", False)]
    assert done(session) == sorted(found) == [1, 2, 3]


def test_the_newest_request_wins(session: AskedFusion, request_all: Request, pet: Volume) -> None:
    how = ends(session)
    asked: list[Request] = []

    def ask_twice(_slice: FusedSlice) -> None:
        if not asked:
            asked.extend(replace(request_all, second=source(pet, window)) for window in ("0,80", "0,40"))
            session.ask(asked[0])
            session.ask(asked[1])

    session.arrived.connect(ask_twice)
    session.ask(request_all)
    assert how == [("finished", False)]
    assert session.shown.started.provenance.a.window == (0.0, 40.0)
    assert session.partial.is_complete


def test_a_running_fusion_follows_the_hand_on_the_slider(session: AskedFusion, request_all: Request) -> None:
    found = arrivals(session)

    def go_on(message: FusedSlice) -> None:
        if message.index == 0:
            session.ask(one_slice(request_all, 5))

    session.arrived.connect(go_on)
    session.ask(replace(one_slice(request_all, 0), extent="near"))
    assert found[:3] == [0, 5, 4]


@pytest.mark.parametrize("extent", ["volume", "slice", "near"])
@pytest.mark.parametrize("fault", ["not finite", "memory"])
def test_a_slice_that_cannot_be_fused_is_refused_once_and_not_asked_for_again(
    session: AskedFusion, request_all: Request, monkeypatch: pytest.MonkeyPatch, fault: str, extent: Extent
) -> None:
    def answer(_: TorchEngine, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if fault == "memory":
            raise MemoryError
        return np.full(np.shape(a), np.nan, np.float32)

    monkeypatch.setattr(TorchEngine, "fuse", answer)
    refused: list[tuple[Finding, ...]] = []
    session.refused.connect(lambda findings, _: refused.append(findings))
    session.ask(replace(request_all, extent=extent))
    assert len(refused) == 1
    assert fault in refused[0][-1].sentence


def test_the_checked_pair_is_told_before_windows_and_network_are_looked_for(
    session: AskedFusion, request_all: Request
) -> None:
    pairs: list[object] = []
    session.paired.connect(pairs.append)
    session.ask(with_settings(request_all, weights="none such"))
    assert len(pairs) == 1
    session.ask(one_slice(request_all))
    assert len(pairs) == 1
    assert session.partial.study.covered is pairs[0].covered


def test_colours_come_and_go_without_fusing_again(session: AskedFusion, request_all: Request) -> None:
    session.result.set_coloured(False)
    session.ask(one_slice(request_all))
    assert not session.shown.is_coloured
    recoloured: list[bool] = []
    session.result.recoloured.connect(lambda shown: recoloured.append(shown.is_coloured))
    found = arrivals(session)
    session.result.set_coloured(True)
    assert recoloured == [True]
    assert found == []


def test_closing_while_slices_are_fused_shows_no_more_of_them(session: AskedFusion, request_all: Request) -> None:
    found, how, said = arrivals(session), ends(session), sentences(session)
    session.arrived.connect(lambda _slice: session.close("pet was deleted: fusing stops"))
    session.ask(request_all)
    assert found == [2]
    assert how == [("closed", False)]
    assert said[-1] == "pet was deleted: fusing stops"
    assert session.request is None


def test_a_slice_is_in_what_is_shown_when_it_is_told(session: AskedFusion, request_all: Request) -> None:
    counted: list[int] = []
    session.arrived.connect(lambda _slice: counted.append(len(done(session))))
    session.ask(request_all)
    assert counted == list(range(1, len(counted) + 1))

"""What is said about a pair comes and goes with it."""

from dataclasses import replace

import pytest

from napari_refusion.session.fusion import FusionSession
from napari_refusion.session.source import Request
from napari_refusion.session.statements import CHANGED, PairStatements
from napari_refusion.volume.finding import Finding
from napari_refusion.volume.volume import Volume
from tests.session.asked import one_slice, source, with_settings

PAIR = frozenset({"T1w", "pet"})


@pytest.fixture
def session() -> FusionSession:
    return FusionSession()


@pytest.fixture
def said(session: FusionSession) -> PairStatements:
    """What is said of the pair, which is chosen."""
    found = PairStatements(session)
    session.started.connect(lambda started: found.say(started.findings, started.kept.request))
    found.choose(PAIR)
    return found


@pytest.fixture
def request_one(request_all: Request) -> Request:
    return one_slice(with_settings(request_all, weights="", engine="maximum"))


def test_a_new_pair_starts_clean_and_the_one_that_is_shown_is_spoken_of_again(
    session: FusionSession, said: PairStatements, request_one: Request
) -> None:
    returned: list[object] = []
    said.returned.connect(returned.append)
    session.fuse(request_one)
    findings, legend = said.findings, said.legend
    assert findings
    assert legend is not None
    assert said.choose(frozenset({"T1w", "ct"}))
    assert (said.findings, said.legend, said.shown) == ((), None, None)
    assert not said.choose(frozenset({"T1w", "ct"}))
    said.choose(PAIR)
    assert (said.findings, said.legend) == (findings, legend)
    assert returned == [session.shown]


def test_nothing_is_said_of_a_pair_where_one_image_is_chosen(
    session: FusionSession, said: PairStatements, request_one: Request
) -> None:
    session.fuse(request_one)
    replaced: list[bool] = []
    said.replaced.connect(lambda: replaced.append(True))
    said.choose(frozenset({"T1w"}))
    assert (said.findings, said.legend) == ((), None)
    assert replaced == []


def test_what_is_said_of_another_pair_is_dropped(said: PairStatements, request_one: Request) -> None:
    said.choose(frozenset({"T1w", "ct"}))
    said.say((Finding("ok", "grid", "pet and T1w are on the same grid."),), request_one)
    assert said.findings == ()


def test_a_fusion_of_another_pair_stops(session: FusionSession, said: PairStatements, request_one: Request) -> None:
    words: list[str] = []
    session.stage.connect(words.append)
    session.arrived.connect(lambda _slice: said.choose(frozenset({"T1w", "ct"})))
    session.fuse(replace(request_one, extent="volume"))
    assert words[-1] == "Another pair was chosen: fusing stops"
    assert session.partial is not None
    assert not session.partial.is_complete


def test_other_choices_are_noticed_and_other_images_take_the_findings_along(
    session: FusionSession, said: PairStatements, request_one: Request, pet: Volume
) -> None:
    session.fuse(request_one)
    assert said.follow(request_one) == ""
    assert said.follow(request_one.with_axis("coronal")) == ""
    assert said.follow(replace(request_one, second=source(pet, "0,40"))) == CHANGED
    assert said.findings
    assert said.follow(replace(request_one, second=source(replace(pet, data=pet.data + 1)))) == CHANGED
    assert said.findings == ()

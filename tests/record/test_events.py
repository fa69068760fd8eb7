"""Events are never changed, and the chain shows where one was."""

import hashlib
import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.record.events import START, Event, digest, first_broken, new_event
from tests.recorded import examples, judged, said

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
"""Whatever JSON holds."""

CHANGES: dict[str, Any] = {
    "event_id": "other",
    "case_id": "case-2",
    "run_id": "run-2",
    "reader": "R2",
    "utc": "2020-01-01T00:00:00.000+00:00",
    "kind": "redo",
    "payload": {"axis": "axial", "index": 3, "mm": 1.0, "verdict": "reject", "reasons": []},
    "previous": "0" * 64,
    "hash": "0" * 64,
}


def chain(count: int = 6) -> list[Event]:
    return said(*[judged(index, "accept") for index in range(count)])


def test_the_hash_is_the_sha256_of_everything_else_in_canonical_json() -> None:
    event = new_event("abc", "case-1", "run-1", "R1", "comment", {"text": "ä", "index": 2}, utc="2026-01-31T12:00:00Z")
    payload = '{"index":2,"text":"\\u00e4"}'
    text = f'["{event.event_id}","case-1","run-1","R1","2026-01-31T12:00:00Z","comment",{payload},"abc"]'
    assert event.hash == hashlib.sha256(text.encode()).hexdigest()


def test_an_event_says_when_it_happened_in_utc() -> None:
    event = new_event(START, "case-1", "run-1", "R1", "undo", {})
    when = datetime.fromisoformat(event.utc)
    assert when.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - when) < timedelta(minutes=1)


def test_an_event_cannot_be_changed_through_what_it_was_made_of() -> None:
    payload = {"text": "first", "list": [1]}
    event = new_event(START, "case-1", "run-1", "R1", "comment", payload)
    payload["text"] = "second"
    payload["list"].append(2)  # type: ignore[attr-defined]
    assert event.payload == {"text": "first", "list": [1]}
    with pytest.raises(FrozenInstanceError):
        event.kind = "undo"  # type: ignore[misc]


@pytest.mark.parametrize("payload", [{"x": float("nan")}, {"x": float("inf")}, {"x": {1, 2}}, {"x": b"bytes"}])
def test_what_json_lacks_is_no_payload(payload: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are json's
        new_event(START, "case-1", "run-1", "R1", "comment", payload)


def test_whole_chains_are_sound() -> None:
    assert first_broken([]) is None
    assert first_broken(chain(1)) is None
    assert first_broken(chain()) is None


@pytest.mark.parametrize("field", CHANGES)
@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_changed_event_is_found_whatever_was_changed_in_it(field: str, place: int) -> None:
    events = chain()
    events[place] = replace(events[place], **{field: CHANGES[field]})
    assert first_broken(events) == place


def test_a_changed_event_with_a_new_hash_breaks_the_next_one() -> None:
    events = chain()
    changed = replace(events[2], utc="2020-01-01T00:00:00.000+00:00")
    events[2] = replace(changed, hash=digest(changed))
    assert first_broken(events) == 3


def test_taking_out_moving_and_adding_in_the_middle_is_found() -> None:
    events = chain()
    assert first_broken(events[1:]) == 0
    assert first_broken(events[:2] + events[3:]) == 2
    assert first_broken([*events[:2], events[3], events[2], *events[4:]]) == 2
    assert first_broken([*events[:2], events[1], *events[2:]]) == 2


def test_an_event_taken_off_the_end_leaves_a_sound_chain() -> None:
    """The store counts apart from the chain, and the mirror names its head."""
    assert first_broken(chain()[:-1]) is None


@examples(200, 2000)
@given(payload=st.dictionaries(st.text(), PLAIN, max_size=4))
def test_any_payload_comes_back_from_json_with_the_same_hash(payload: dict[str, Any]) -> None:
    event = new_event(START, "case-1", "run-1", "R1", "comment", payload)
    again = replace(event, payload=json.loads(json.dumps(dict(event.payload))))
    assert digest(again) == event.hash
    assert again == event

"""Runs and events to test with, and how many examples the thorough tests look at."""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings

from napari_refusion.record.events import START, Event, Kind, new_event
from napari_refusion.record.run import Run, SourceIdentity
from napari_refusion.record.store import Store

IS_THOROUGH = bool(os.environ.get("REFUSION_THOROUGH"))
"""Set it for the numbers that the acceptance tests name; they take minutes."""

PET = SourceIdentity("b2" * 32, "PT", "SUVbw", (0.0, 10.0), None)
MRI = SourceIdentity("a1" * 32, "MR", "", (0.0, 910.0), None)

AFFINE = ((0.0, 0.0, -2.0, 10.0), (0.0, -2.0, 0.0, 20.0), (-2.0, 0.0, 0.0, 30.0), (0.0, 0.0, 0.0, 1.0))
"""(i, p, l) -> RAS+ mm: voxels of 2 mm."""

RUN = Run(PET, MRI, "axial", "b", (5, 8, 7), AFFINE, "feed" * 16)

AnyTest = TypeVar("AnyTest", bound=Callable[..., None])


def examples(few: int, many: int) -> Callable[[AnyTest], AnyTest]:
    """Return the decorator of a property that is tried on `few` examples, on `many` in a thorough run."""
    quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(
        database=None,
        max_examples=many if IS_THOROUGH else few,
        deadline=None,
        suppress_health_check=quiet,
        derandomize=not IS_THOROUGH,
    )


def chain(said: Iterable[tuple[str, Kind, Mapping[str, Any]]], case_id: str = "case-1") -> list[Event]:
    """Return the events of one reader who says something of some runs."""
    events: list[Event] = []
    for run_id, kind, payload in said:
        events.append(new_event(events[-1].hash if events else START, case_id, run_id, "R1", kind, payload))
    return events


def at(index: int, **more: object) -> dict[str, Any]:
    """Return the payload of an event on a slice."""
    return {"axis": "axial", "index": index, "mm": 100.0 - 2 * index, **more}


def judged(index: int, verdict: str, *reasons: str) -> tuple[Kind, dict[str, Any]]:
    """Return a verdict on a slice."""
    return "slice", at(index, verdict=verdict, reasons=list(reasons))


def seen(index: int, seconds: float = 1.0) -> tuple[Kind, dict[str, Any]]:
    """Return a look at a slice."""
    return "seen", at(index, seconds=seconds)


def said(*words: tuple[Kind, dict[str, Any]], run_id: str = "run-1") -> list[Event]:
    """Return the events of one run."""
    return chain((run_id, kind, payload) for kind, payload in words)


def runs_of(store: Store, case_id: str) -> tuple[Run, ...]:
    """Return the fusions of a case that are in a store's file, in the order in which they came."""
    statement = "SELECT record_json FROM runs WHERE case_id = ? ORDER BY started_utc, rowid"
    # by the store's own connection, since a store that writes keeps its file to itself
    return tuple(_run(json.loads(record)) for (record,) in store._end.connection.execute(statement, (case_id,)))


def _run(record: dict[str, Any]) -> Run:
    a, b = (SourceIdentity(**record[one] | {"window": tuple(record[one]["window"])}) for one in ("a", "b"))
    affine = tuple(tuple(row) for row in record["affine"])
    grid = record["grid"][0], record["grid"][1], record["grid"][2]
    return Run(a, b, record["axis"], record["reference"], grid, affine, record["weights_sha256"])

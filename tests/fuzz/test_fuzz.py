"""Broken files of every kind are read or refused in words: no traceback, no hang, no silent change of place."""

import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tests.fuzz.__main__ import kept
from tests.fuzz.case import FAILURES, RESULTS
from tests.fuzz.kinds import KINDS
from tests.fuzz.place import Place, unnoticed
from tests.fuzz.pool import outcomes
from tests.recorded import IS_THOROUGH

COUNTS = {
    "nifti": (100, 20_000),
    "dicom": (75, 20_000),
    "itk": (75, 10_000),
    "pictures": (100, 10_000),
    "weights": (30, 5000),
    "databases": (10, 2000),
}
"""Files of each kind; as many as the table of the documentation shows, or more, in a thorough run."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs processes that fork, and limits of their memory"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_file_holds_it_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    count = COUNTS[kind][IS_THOROUGH]
    found = list(kept(kind, 1, outcomes(kind, 1, range(count)), tmp_path))
    assert sorted(one.number for one in found) == list(range(count))
    failed = [(one.number, one.result, one.words) for one in found if one.result in FAILURES]
    assert failed == []
    assert {one.result for one in found} == {"read", "refused"}


def test_the_same_numbers_make_the_same_file() -> None:
    for kind in ("nifti", "itk", "pictures"):
        assert KINDS[kind].make(Random("1 2")) == KINDS[kind].make(Random("1 2"))


def test_a_place_that_changed_is_seen_unless_a_finding_says_something_new() -> None:
    before = Place((2, 3, 4), np.eye(4), frozenset())
    moved = np.eye(4)
    moved[0, 3] = 0.5
    assert "0.5 mm" in unnoticed(before, Place((2, 3, 4), moved, frozenset()))
    assert "shape" in unnoticed(before, Place((2, 3, 3), np.eye(4), frozenset()))
    assert unnoticed(before, Place((2, 3, 4), moved, frozenset({("warn", "geometry")}))) == ""
    assert unnoticed(before, before) == ""
    assert len(RESULTS) == len(FAILURES) + 2

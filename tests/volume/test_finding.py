import copy
import pickle

import pytest

from napari_refusion.volume.finding import Finding, RefusedError, blocking, check_name, refuse, worst

OK = Finding("ok", "grid", "Same grid.")
WARN = Finding("warn", "missing slice", "A slice is missing.", "4.7 mm")
BLOCK = Finding("block", "gantry tilt", "The gantry was tilted.")


def test_the_worst_level_wins_whatever_the_order() -> None:
    assert worst([OK, BLOCK, WARN]) == "block"
    assert worst([WARN, OK]) == "warn"
    assert worst([OK]) == "ok"


def test_nothing_found_is_ok() -> None:
    assert worst([]) == "ok"


def test_only_blocking_findings_block() -> None:
    assert blocking([OK, WARN, BLOCK]) == [BLOCK]


def test_a_refusal_says_the_blocking_sentences_and_keeps_the_rest() -> None:
    error = RefusedError(iter([OK, BLOCK, WARN, Finding("block", "size", "Too small.")]))

    assert str(error) == "The gantry was tilted. Too small."
    assert [finding.rule for finding in error.findings] == ["grid", "gantry tilt", "missing slice", "size"]


def test_refuse_makes_an_error_of_one_blocking_finding() -> None:
    error = refuse("size", "Too small.", "3 x 3")

    assert error.findings == (Finding("block", "size", "Too small.", "3 x 3"),)
    assert str(error) == "Too small."


def test_a_rule_that_is_not_in_the_table_is_an_error_that_suggests_one() -> None:
    with pytest.raises(ValueError, match=r"^Use slice spacing.*: there is no rule of findings 'slice spacng'\.$"):
        Finding("warn", "slice spacng", "Slices lie unevenly.")
    with pytest.raises(ValueError, match=r"there is no rule of findings 'Grid'") as raised:
        refuse("Grid", "No grid.")
    assert not isinstance(raised.value, RefusedError), "a mistake in the program is not a refused input"


@pytest.mark.parametrize("level", ["warning", "", "OK", "error"])
def test_a_level_that_does_not_exist_is_an_error_that_lists_them(level: str) -> None:
    with pytest.raises(ValueError, match=rf"^Use one of ok, warn, block: there is no level of findings '{level}'\.$"):
        Finding(level, "grid", "Same grid.")  # type: ignore[arg-type]


def test_a_finding_knows_the_check_that_it_counts_for() -> None:
    assert OK.check == "Geometry"
    assert Finding("warn", "SUV", "No SUV.").check == "Intensity"
    assert Finding("block", "output", "No place.").check is None


def test_a_refusal_comes_whole_from_another_process_or_a_copy() -> None:
    error = RefusedError([OK, BLOCK])
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert str(again) == str(error)
        assert again.findings == error.findings


def test_what_is_given_in_place_of_a_name_does_not_fill_the_sentence() -> None:
    with pytest.raises(RefusedError, match=r"^Use one of a, b: there is no grid '.{1,60}'\.$"):
        check_name("grid", [[0.0] * 100] * 100, ["a", "b"])  # type: ignore[arg-type]

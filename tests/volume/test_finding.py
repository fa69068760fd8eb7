from napari_refusion.volume.finding import Finding, RefusedError, blocking, refuse, worst

OK = Finding("ok", "grid", "Same grid.")
WARN = Finding("warn", "gap", "A slice is missing.", "4.7 mm")
BLOCK = Finding("block", "tilt", "The gantry was tilted.")


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
    assert [finding.rule for finding in error.findings] == ["grid", "tilt", "gap", "size"]


def test_refuse_makes_an_error_of_one_blocking_finding() -> None:
    error = refuse("size", "Too small.", "3 x 3")

    assert error.findings == (Finding("block", "size", "Too small.", "3 x 3"),)
    assert str(error) == "Too small."

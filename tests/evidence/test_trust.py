from dataclasses import replace

import numpy as np
import pytest

from napari_refusion.evidence.check_outcome import CheckOutcome
from napari_refusion.evidence.examination import Examination
from napari_refusion.evidence.flagged_slices import flagged_slices
from napari_refusion.evidence.limits import Limits
from napari_refusion.evidence.missed_uptake import MissedUptake
from napari_refusion.evidence.trust import check_outcomes
from napari_refusion.record.case import CaseReview
from napari_refusion.volume.finding import Finding, Level
from napari_refusion.volume.rule import CHECKS, RULES, Check
from tests.evidence.six_slices import COUNT, MISSED, examination

FITS = Finding("ok", "registration", "Jane Doe fits best where it lies.", "NMI 1.2")

MIRRORED = Finding("warn", "laterality", "Jane Doe mirrored left to right fits better.", "NMI 1.3 > 1.2")

SHIFTED = Finding("warn", "registration", "Jane Doe shifted by 8 mm fits better.", "NMI 1.3 > 1.2")

UNSURE = Finding("warn", "left and right", "Jane Doe fits almost as well mirrored.", "NMI 1.19 and 1.2")

MOVED = Finding("warn", "registered", "Jane Doe was aligned to MRI.", "3.0 mm, 1.0 degrees")


def outcome(
    check: str,
    findings: tuple[Finding, ...] = (FITS,),
    answer: str = "aligned",
    found: Examination | None = None,
    by: Limits | None = None,
) -> CheckOutcome:
    all_lights = check_outcomes(findings, CaseReview(registration=answer), found, by)
    return next(one for one in all_lights if one.check == check)


@pytest.mark.parametrize(
    ("findings", "colour", "begins"),
    [
        ((FITS,), "not confirmed", "Not confirmed: nobody has compared the outlines yet; the self-test was passed"),
        ((SHIFTED,), "amber", "Look twice: nobody has compared the outlines yet; the self-test does not find"),
        ((FITS, UNSURE), "amber", "Look twice: nobody has compared"),
        ((), "amber", "Look twice: nobody has compared the outlines yet; the self-test was not run"),
        ((MIRRORED,), "red", "Check failed: nobody has compared"),
    ],
)
def test_where_nobody_reads_a_case_only_the_self_test_speaks_against_its_registration(
    findings: tuple[Finding, ...], colour: str, begins: str
) -> None:
    found = next(one for one in check_outcomes(findings, None, None, None) if one.check == "Registration")
    assert found.colour == colour
    assert found.sentence.startswith(begins)


def test_there_are_five_lights_in_their_order(limits: Limits) -> None:
    assert tuple(one.check for one in check_outcomes((), CaseReview(), None, None)) == CHECKS
    assert all(one.rule for one in check_outcomes((), CaseReview(), examination(), limits))


def test_a_clean_case_passes_its_checks_and_is_not_praised(limits: Limits) -> None:
    grid = Finding("ok", "grid", "Jane Doe and MRI are on the same grid.")
    found = check_outcomes((grid, FITS), CaseReview(registration="aligned"), examination(), limits)
    assert [one.colour for one in found] == ["green"] * 5
    for one in found:
        assert one.sentence.startswith("Checks passed")
        assert "good" not in one.sentence + one.value


@pytest.mark.parametrize(("level", "colour"), [("ok", "green"), ("warn", "amber"), ("block", "red")])
def test_geometry_is_the_worst_finding(level: Level, colour: str) -> None:
    findings = (Finding("ok", "grid", "Same."), Finding(level, "slice spacing", "Jane Doe: uneven.", "4.7 mm"))
    found = outcome("Geometry", findings)
    assert found.colour == colour
    assert ("slice spacing (4.7 mm)" in found.sentence) == (level != "ok")


@pytest.mark.parametrize("rule", RULES)
def test_a_warning_lights_the_check_that_its_rule_names_and_no_other(limits: Limits, rule: str) -> None:
    """Registration is amber by itself without a self-test that was passed, so it must be the check that changes."""
    passed = (Finding("ok", "grid", "Same."), FITS)
    review = CaseReview(registration="cannot_judge" if rule == "registered" else "aligned")
    before = check_outcomes(passed, review, examination(), limits)
    after = check_outcomes((*passed, Finding("warn", rule, "...", "17 mm")), review, examination(), limits)
    changed: set[Check] = {now.check for then, now in zip(before, after, strict=True) if now != then}
    assert changed == ({RULES[rule].check} if RULES[rule].check else set())


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if rule.check and name != "registered"])
def test_a_warning_makes_its_check_amber(limits: Limits, rule: str) -> None:
    """All but `registered`, which says that a volume was moved on purpose and that the reader accepted it."""
    found = (Finding("ok", "grid", "Same."), FITS, Finding("warn", rule, "...", "17 mm"))
    colours = {
        one.check: one.colour
        for one in check_outcomes(found, CaseReview(registration="aligned"), examination(), limits)
    }
    assert colours == {check: "amber" if check == RULES[rule].check else "green" for check in CHECKS}


def test_findings_about_places_and_values_are_no_geometry() -> None:
    others = [Finding("warn", rule, "...") for rule in ("content", "SUV", "modality", "colours", "weights")]
    assert outcome("Geometry", (Finding("ok", "grid", "Same."), SHIFTED, MIRRORED, MOVED, *others)).colour == "green"
    assert outcome("Geometry", ()).colour == "not run"


@pytest.mark.parametrize(
    ("answer", "findings", "colour"),
    [
        ("aligned", (FITS,), "green"),
        ("aligned", (FITS, UNSURE), "amber"),
        ("aligned", (FITS, MOVED), "green"),
        ("aligned", (SHIFTED,), "amber"),
        ("aligned", (MIRRORED,), "amber"),
        ("aligned", (), "amber"),
        ("slight", (FITS,), "amber"),
        ("cannot_judge", (FITS,), "amber"),
        ("", (FITS,), "amber"),
        ("", (SHIFTED,), "amber"),
        ("slight", (FITS, UNSURE), "amber"),
        ("", (MIRRORED,), "red"),
        ("slight", (MIRRORED,), "red"),
        ("cannot_judge", (MIRRORED,), "red"),
        ("unacceptable", (FITS,), "red"),
        ("unacceptable", (MIRRORED,), "red"),
    ],
)
def test_registration_is_decided_by_the_reader_with_the_self_test(
    answer: str, findings: tuple[Finding, ...], colour: str
) -> None:
    assert outcome("Registration", findings, answer).colour == colour


def test_registration_says_what_was_answered_and_tested() -> None:
    unanswered = outcome("Registration", (MIRRORED,), "")
    assert unanswered.value == "not answered"
    assert "not answered" in unanswered.sentence
    assert "mirrored left to right" in unanswered.sentence
    assert "does not confirm left and right" in outcome("Registration", (FITS, UNSURE)).sentence
    assert "registered before" in outcome("Registration", (FITS, MOVED)).sentence


@pytest.mark.parametrize(
    ("check", "name", "value", "colour", "words"),
    [
        ("Model", "overshoot", 0.061, "amber", "overshoot 6.1 % in slice 3 of 6, S 26.0 mm (above the limit of 4.0 %)"),
        ("Model", "undershoot", 0.2, "red", "undershoot 20.0 % in slice 3 of 6, S 26.0 mm (above the limit of 10.0 %)"),
        (
            "Model",
            "residual_a",
            0.05,
            "amber",
            "brightness of PET 0.050 in slice 3 of 6, S 26.0 mm (above the limit of 0.040)",
        ),
        (
            "Intensity",
            "recovered_b",
            0.2,
            "amber",
            "part of MRI 20.0 % in slice 3 of 6, S 26.0 mm (below the limit of 30.0 %)",
        ),
        ("Intensity", "saturated_a", 0.5, "red", "saturation of PET 50.0 % in slice 3 of 6, S 26.0 mm"),
        (
            "Output",
            "step",
            0.06,
            "amber",
            "step to the next slice 0.060 in slice 3 of 6, S 26.0 mm (above the limit of 0.040)",
        ),
        ("Output", "saturated_fused", 0.2, "red", "saturation of the fused image 20.0 % in slice 3 of 6, S 26.0 mm"),
    ],
)
def test_a_light_has_the_colour_of_its_worst_slice_and_names_it(
    limits: Limits, check: str, name: str, value: float, colour: str, words: str
) -> None:
    good = 0.9 if name.startswith("recovered") else 0.0
    found = {
        one.check: one
        for one in check_outcomes(
            (), CaseReview(), examination(**{name: [good, good, value, good, good, good]}), limits
        )
    }
    assert found[check].colour == colour
    assert words in found[check].value
    assert words in found[check].sentence
    assert {one.colour for one in found.values() if one.check not in (check, "Geometry", "Registration")} == {"green"}


def long_case(count: int = 40, missed: tuple[MissedUptake, ...] = (), **beyond: range) -> Examination:
    """A case of which all slices are of the body, with the numbers of some slices a little beyond their amber limit."""
    short = examination(missed)
    numbers = {name: np.resize(values[:-1], count) for name, values in short.numbers.items()}
    for name, slices in beyond.items():
        numbers[name][list(slices)] = 0.06
    return replace(short, numbers=numbers, body=np.ones(count, np.bool_))


@pytest.mark.parametrize(("beyond", "colour"), [(0, "green"), (3, "green"), (4, "amber"), (20, "amber"), (21, "red")])
def test_a_tenth_of_the_slices_decides_a_long_case_and_most_of_them_fail_it(
    beyond: int, colour: str, limits: Limits
) -> None:
    """Of 40 slices of the body four are a tenth and 21 are most."""
    assert outcome("Model", found=long_case(overshoot=range(beyond)), by=limits).colour == colour


def test_of_a_check_that_passed_it_is_said_in_which_slices_it_did_not(limits: Limits) -> None:
    some = outcome("Model", found=long_case(overshoot=range(3), step=range(2)), by=limits)  # step is the output's
    assert some.colour == "green"
    assert "Checks passed in 37 of 40 slices of the body: each number is beyond" in some.sentence
    assert "Checks passed in 40 slices of the body." in outcome("Model", found=long_case(), by=limits).sentence


def test_where_most_slices_warn_for_several_reasons_the_check_with_most_of_them_is_red(limits: Limits) -> None:
    places = tuple(replace(MISSED, index=index) for index in range(36, 40))
    half = {"overshoot": range(12), "step": range(10, 16)}  # and four places: in 20 of 40 slices
    for more, colour, value in ((0, "amber", "overshoot"), (1, "red", "warnings in 21 of 40 slices of the body")):
        found = long_case(missed=places, undershoot=range(16, 16 + more), **half)
        model, output = (outcome(check, found=found, by=limits) for check in ("Model", "Output"))
        assert (model.colour, output.colour) == (colour, "amber")
        assert model.value.startswith(value)


def test_a_few_slices_are_no_most_of_a_case(limits: Limits) -> None:
    assert outcome("Model", found=long_case(9, overshoot=range(9)), by=limits).colour == "amber"
    assert outcome("Model", found=long_case(10, overshoot=range(10)), by=limits).colour == "red"


def test_slices_outside_the_body_do_not_count(limits: Limits) -> None:
    found = examination(overshoot=[0.0] * 5 + [0.9])
    assert outcome("Model", found=found, by=limits).colour == "green"
    assert flagged_slices(found, limits) == {}


def test_a_window_that_is_used_in_any_slice_is_not_too_wide(limits: Limits) -> None:
    faint_top = examination(occupied_a=[0.05, 0.05, 0.8, 0.05, 0.05, 0.05])
    assert outcome("Intensity", found=faint_top, by=limits).colour == "green"
    assert flagged_slices(faint_top, limits) == {}
    unused = examination(occupied_a=[0.05, 0.05, 0.08, 0.05, 0.05, 0.05])
    found = outcome("Intensity", found=unused, by=limits)
    assert found.colour == "red"
    assert "range used by PET 8.0 % in slice 3 of 6, S 26.0 mm" in found.value


def test_the_worst_of_several_numbers_decides(limits: Limits) -> None:
    found = outcome("Model", found=examination(overshoot=[0.05] * COUNT, undershoot=[0.08] * COUNT), by=limits)
    assert found.colour == "amber"
    assert found.value.startswith("undershoot")
    assert "overshoot 5.0 %" in found.sentence


def test_numbers_that_are_missing_are_named(limits: Limits) -> None:
    nothing = [float("nan")] * COUNT
    found = outcome("Model", found=examination(residual_a=nothing, residual_b=nothing), by=limits)
    assert found.colour == "green"
    assert "Not judged: unrecovered brightness of PET, unrecovered brightness of MRI." in found.sentence
    none = dict.fromkeys(("residual_a", "residual_b", "overshoot", "undershoot"), nothing)
    assert outcome("Model", found=examination(**none), by=limits).colour == "not run"


def test_before_the_examination_three_lights_are_not_run(limits: Limits) -> None:
    found = check_outcomes((FITS,), CaseReview(), None, limits)
    assert [one.colour for one in found[2:]] == ["not run"] * 3
    assert all("not been examined" in one.sentence for one in found[2:])


def test_without_limits_for_these_weights_nothing_is_judged(limits: Limits) -> None:
    bad = examination(overshoot=[0.9] * COUNT)
    for by in (None, replace(limits, weights_sha256="cd" * 32)):
        found = outcome("Model", found=bad, by=by)
        assert found.colour == "not run"
        assert "no calibrated limits" in found.sentence
        assert flagged_slices(bad, by) == {}


@pytest.mark.parametrize(
    ("rule", "check"),
    [("modality", "Model"), ("colours", "Model"), ("weights", "Model"), ("content", "Intensity"), ("SUV", "Intensity")],
)
def test_a_warning_about_values_or_training_makes_its_light_amber(limits: Limits, rule: str, check: str) -> None:
    warning = Finding("warn", rule, "Jane Doe ...", "CT + PET")
    for found, by in ((examination(), limits), (examination(), None), (None, None)):
        one = outcome(check, (FITS, warning), found=found, by=by)
        assert one.colour == "amber"
        assert f"{rule} (CT + PET)" in one.sentence


def test_missed_uptake_makes_the_output_amber_with_its_count(limits: Limits) -> None:
    found = outcome("Output", found=examination(missed=(MISSED, MISSED)), by=limits)
    assert found.colour == "amber"
    assert found.value == "missed uptake in 2 places"
    assert outcome("Output", found=examination(missed=(MISSED,)), by=None).colour == "amber"
    red = outcome("Output", found=examination(missed=(MISSED,), step=[0.5] * COUNT), by=limits)
    assert red.colour == "red"
    assert "missed uptake in 1 place" in red.sentence


def test_missed_uptake_that_was_not_looked_for_is_not_run(limits: Limits) -> None:
    found = outcome("Output", found=replace(examination(), missed_run=False), by=limits)
    assert found.colour == "green"
    assert "Not judged: missed uptake." in found.sentence


def test_lights_say_their_limits_and_what_they_cannot_see(limits: Limits) -> None:
    rule = outcome("Model", found=examination(), by=limits).rule
    assert "amber above 4.0 %, red above 10.0 %" in rule
    assert "Made up for a test." in rule
    assert "nor is a shifted or mirrored source" in rule
    assert "of PET" in rule


def test_no_name_of_a_volume_reaches_a_light(limits: Limits) -> None:
    """A file's or a series' name may hold a patient's, and checks are written into records and reports."""
    warned = [Finding("warn", rule, "Jane Doe") for rule in ("grid", "registration", "content", "modality")]
    found = examination((MISSED,), overshoot=[0.9] * COUNT)
    texts = [str(one) for one in check_outcomes(warned, CaseReview(), found, limits)]
    texts += [sentence for sentences in flagged_slices(found, limits).values() for sentence in sentences]
    assert "Jane" not in "".join(texts)

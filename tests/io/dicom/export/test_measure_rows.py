from math import nan

import pytest
from pydicom.sr.codedict import codes

from napari_refusion.io.dicom.export.measure_codes import MEASURES, measure_code, private
from napari_refusion.io.dicom.export.measure_rows import rows_of

VALUES = {"maximum": 7.0, "peak": 6.0, "sd": 0.5, "volume": 2.0, "tlg": 9.0, "diameter": 12.0}


def test_what_is_measured_in_suv_is_written_as_suv_and_glycolysis_as_a_mass() -> None:
    assert rows_of(VALUES, "SUVbw", "PT") == (
        ("SUVmax", 7.0, "{SUVbw}g/ml"),
        ("SUVpeak", 6.0, "{SUVbw}g/ml"),
        ("SUVSD", 0.5, "{SUVbw}g/ml"),
        ("volume", 2.0, "ml"),
        ("TLG", 9.0, "g"),
        ("longest diameter", 12.0, "mm"),
    )


@pytest.mark.parametrize(
    ("unit", "modality", "expected"),
    [
        ("SUV", "PT", ("uptake max", 7.0, "g/ml")),
        ("SUVlbm", "PT", ("SULmax", 7.0, "{SUVlbm}g/ml")),
        ("HU", "CT", ("HU max", 7.0, "[hnsf'U]")),
        ("Bq/ml", "PT", ("activity max", 7.0, "Bq/ml")),
        ("", "MR", ("MR max", 7.0, "1")),
        ("", "NM", ("value max", 7.0, "1")),
    ],
)
def test_other_units_have_their_own_names(unit: str, modality: str, expected: tuple[str, float, str]) -> None:
    assert rows_of({"maximum": 7.0}, unit, modality) == (expected,)


def test_a_value_that_is_no_number_has_no_row() -> None:
    assert rows_of({"maximum": nan, "volume": 1.0}, "SUVbw") == (("volume", 1.0, "ml"),)


def test_the_codes_of_dicom_and_snomed_are_those_of_the_dictionary() -> None:
    """Of pydicom, which takes them from PS3.16."""
    known = {(one.value, one.scheme_designator) for one in (getattr(codes.DCM, name) for name in codes.DCM.dir())}
    known |= {(one.value, one.scheme_designator) for one in (getattr(codes.SCT, name) for name in codes.SCT.dir())}
    for measure in MEASURES.values():
        for triple in (measure.name, measure.derivation):
            assert triple is None or triple[:2] in known, triple


def test_a_measure_without_a_code_keeps_its_name() -> None:
    assert measure_code("value max").name == ("VALUE_MAX", "99REFUSION", "value max")


def test_two_words_without_a_code_are_two_codes_whatever_they_begin_with_and_are_written_in() -> None:
    words = ("lymph node, left axillary", "lymph node, left inguinal", "Hals", "左頸部", "右頸部", "L iliac")
    codes = [private(one) for one in words]
    assert len({code for code, _, _ in codes}) == len(words)
    assert all(len(code) <= 16 and code.isascii() for code, _, _ in codes)
    assert [meaning for _, _, meaning in codes] == list(words)
    assert private("left\\right")[2] == "left/right"

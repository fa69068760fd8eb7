from dataclasses import replace
from datetime import datetime, time, timedelta
from math import exp, log

import pytest
from pydicom import Dataset
from pydicom.sequence import Sequence

from napari_refusion.io.dicom.quantity import PetQuantity, pet_quantity
from napari_refusion.io.dicom.suv import suv

NOON = datetime(2020, 1, 1, 12)

PET = PetQuantity(
    units="BQML",
    corrected=("ATTN", "DECY"),
    decay="START",
    weight=70.0,
    dose=350e6,
    half_life=6600.0,
    injections=1,
    injected=NOON - timedelta(seconds=6600),
    injected_clock=time(10, 10),
    series=NOON,
    acquired=NOON,
)
"""One half-life from injection to scan: 175 MBq left in 70 000 g, so 1 Bq/ml is 70 000 / 175e6 = 0.0004 SUV."""


def without(**changes: object) -> tuple[str, str]:
    """Return unit and reason of the good image with some entries changed."""
    answer = suv([replace(PET, **changes)])
    assert answer.factor == 1.0
    return answer.unit, answer.reason


def test_activity_times_weight_over_the_dose_that_is_left_is_suv() -> None:
    answer = suv([PET])
    assert answer.unit == "SUVbw"
    assert answer.factor == pytest.approx(0.0004, rel=1e-12)
    assert answer.reason == "weight 70 kg, dose 350 MBq, 110 min from injection to scan"


def test_fluorine_an_hour_after_injection() -> None:
    image = replace(PET, dose=370e6, half_life=6586.2, injected=NOON - timedelta(hours=1), injected_clock=time(11))
    assert suv([image]).factor == pytest.approx(70_000 / (370e6 * exp(-log(2) / 6586.2 * 3600)), rel=1e-9)


def test_values_corrected_to_the_injection_take_the_whole_dose() -> None:
    answer = suv([replace(PET, decay="ADMIN")])
    assert answer.factor == pytest.approx(70_000 / 350e6, rel=1e-12)


def test_grams_per_millilitre_are_suv_already() -> None:
    assert suv([PetQuantity(units="GML")]).unit == "SUVbw"
    assert suv([PetQuantity(units="GML", suv_type="LBM")]).unit == "SUVlbm"
    assert suv([PetQuantity(units="GML")]).factor == 1.0


def test_counts_become_suv_by_the_factor_of_philips() -> None:
    answer = suv([replace(PET, units="CNTS", philips_suv=0.0123, philips_activity=5.0)])
    assert (answer.unit, answer.factor) == ("SUVbw", 0.0123)


def test_counts_become_activity_and_then_suv_by_the_other_factor_of_philips() -> None:
    answer = suv([replace(PET, units="CNTS", philips_activity=5.0)])
    assert answer.unit == "SUVbw"
    assert answer.factor == pytest.approx(5 * 0.0004, rel=1e-12)


def test_counts_with_an_activity_factor_but_no_weight_become_becquerel() -> None:
    answer = suv([replace(PET, units="CNTS", philips_activity=5.0, weight=None)])
    assert (answer.unit, answer.factor) == ("Bq/ml", 5.0)


def test_counts_without_a_factor_stay_counts() -> None:
    assert without(units="CNTS")[0] == "CNTS"
    assert without(units="CNTS", philips_suv=0.0)[0] == "CNTS"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weight": None}, "Patient's Weight (0010,1030) is missing"),
        ({"weight": 0.0}, "Weight (0010,1030) is 0"),
        ({"weight": 70_000.0}, "Weight (0010,1030) is 70000"),
        ({"weight": float("nan")}, "Weight (0010,1030) is nan"),
        ({"dose": None}, "Total Dose (0018,1074) is missing"),
        ({"dose": 0.0}, "Total Dose (0018,1074) is 0"),
        ({"dose": 350.0}, "Total Dose (0018,1074) is 350, which cannot be Bq"),
        ({"dose": 350e3}, "0.35 MBq for a Patient's Weight (0010,1030) of 70 kg, 0.005 MBq/kg"),
        ({"half_life": None}, "Half Life (0018,1075) is missing"),
        ({"nuclide": "C-11"}, "is 6600 s, but that of C-11, which the header names (0054,0300), is 1222 s"),
        ({"half_life": -1.0}, "Half Life (0018,1075) is -1"),
        ({"corrected": ("DECY",)}, "not corrected for attenuation"),
        ({"corrected": ("ATTN",)}, "not corrected for decay"),
        ({"decay": "NONE"}, "Decay Correction (0054,1102) is NONE"),
        ({"decay": ""}, "Decay Correction (0054,1102) is missing"),
        ({"injections": 2}, "2 injections"),
        ({"injections": 0}, "no injections"),
        ({"series": None}, "Series Date (0008,0021) or Series Time"),
        ({"acquired": None}, "Acquisition Date (0008,0022) or"),
        ({"injected": None, "injected_clock": None}, "the time of injection is missing"),
        ({"injected_clock": time(11)}, "give different times"),
        ({"injected": None, "injected_clock": time(0)}, "the time of injection (0018,1078), (0018,1072) is 00:00:00"),
        ({"injected": datetime(2020, 1, 1)}, "the time of injection (0018,1078), (0018,1072) is 00:00:00"),
        ({"series": datetime(2020, 1, 1)}, "Series Time (0008,0031) is 00:00:00"),
        ({"acquired": datetime(2020, 1, 1)}, "Acquisition Time (0008,0032) is 00:00:00"),
        ({"injected": NOON + timedelta(minutes=5), "injected_clock": None}, "contradict each other"),
        ({"injected": NOON - timedelta(days=365), "injected_clock": None}, "contradict each other"),
    ],
)
def test_without_a_complete_and_sensible_header_values_stay_becquerel_and_the_reason_is_said(
    changes: dict[str, object], words: str
) -> None:
    unit, reason = without(**changes)
    assert unit == "Bq/ml"
    assert words in reason


def test_other_units_are_kept() -> None:
    assert without(units="PROPCPS") == ("PROPCPS", "Units (0054,1001) is PROPCPS, not BQML")


def test_images_of_different_injections_have_no_suv() -> None:
    answer = suv([PET, replace(PET, dose=360e6)])
    assert answer.unit == "Bq/ml"
    assert "Radionuclide Total Dose differs between images" in answer.reason


def test_one_uncorrected_image_is_enough_for_no_suv() -> None:
    assert suv([PET, replace(PET, corrected=("DECY",))]).unit == "Bq/ml"


def test_a_clock_time_later_than_the_scan_was_the_evening_before() -> None:
    # 23:20 to 01:10 is 110 minutes, one half-life, over midnight.
    image = replace(
        PET,
        injected=None,
        injected_clock=time(23, 20),
        series=datetime(2020, 1, 2, 1, 10),
        acquired=datetime(2020, 1, 2, 1, 10),
    )
    assert suv([image]).factor == pytest.approx(0.0004, rel=1e-12)


@pytest.mark.parametrize(("clock", "is_taken"), [(time(18, 30), True), (time(17, 0), False), (time(12, 50), False)])
def test_an_undated_injection_is_of_the_day_before_only_within_four_half_lives(clock: time, is_taken: bool) -> None:
    # the phantom's half-life is 110 min; to a scan at 1:10 these are 6.7 h, 8.2 h and 12.3 h: 3.6, 4.5 and 6.7 of them
    scan = datetime(2020, 1, 2, 1, 10)
    answer = suv([replace(PET, injected=None, injected_clock=clock, series=scan, acquired=scan)])
    assert (answer.unit == "SUVbw") == is_taken
    assert is_taken or "has no date" in answer.reason


def test_an_injection_minutes_after_the_scan_began_is_not_taken_for_the_day_before() -> None:
    unit, reason = without(injected=None, injected_clock=time(12, 5))
    assert unit == "Bq/ml"
    assert "contradict each other" in reason


def test_the_day_is_not_guessed_for_a_tracer_that_lives_for_days() -> None:
    unit, reason = without(injected=None, injected_clock=time(10), half_life=78.4 * 3600)
    assert unit == "Bq/ml"
    assert "78.4 h" in reason


def test_beds_scanned_one_after_the_other_refer_to_the_start_of_the_series() -> None:
    beds = [replace(PET, acquired=NOON + timedelta(minutes=3 * bed)) for bed in range(5)]
    assert suv(beds).factor == pytest.approx(0.0004, rel=1e-12)


def test_a_series_made_later_refers_to_its_first_acquisition() -> None:
    beds = [
        replace(PET, series=NOON + timedelta(hours=2), acquired=NOON + timedelta(minutes=3 * bed)) for bed in range(5)
    ]
    assert suv(beds[::-1]).factor == pytest.approx(0.0004, rel=1e-12)


def test_a_series_made_later_by_ge_refers_to_its_private_scan_start() -> None:
    image = replace(PET, series=NOON + timedelta(hours=2), acquired=NOON + timedelta(minutes=5), ge_scan=NOON)
    assert suv([image]).factor == pytest.approx(0.0004, rel=1e-12)


@pytest.mark.parametrize("hours", [2, 5, 12, 20, 27, 50])
def test_a_clock_time_is_of_the_day_of_the_scan_whenever_the_series_was_made(hours: float) -> None:
    # 12 h later it is the next day, and a clock time before the series' would be of the wrong one.
    image = replace(PET, injected=None, series=NOON + timedelta(hours=hours))
    assert suv([image]).factor == pytest.approx(0.0004, rel=1e-12)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=14), timedelta(days=1, hours=5)])
def test_an_injection_before_midnight_and_a_scan_after_it_are_110_minutes_apart(later: timedelta) -> None:
    scan = datetime(2020, 1, 2, 0, 30)
    image = replace(PET, injected=None, injected_clock=time(22, 40), series=scan + later, acquired=scan)
    assert suv([image]).factor == pytest.approx(0.0004, rel=1e-12)


def header(**changes: object) -> Dataset:
    """Return a PET header; an entry of None is removed, those of the injection have its keywords."""
    image, injection = Dataset(), Dataset()
    entries = {
        "Units": "BQML",
        "CorrectedImage": ["ATTN", "DECY", "SCAT"],
        "DecayCorrection": "START",
        "PatientWeight": "70",
        "SeriesDate": "20200101",
        "SeriesTime": "120000.000000",
        "AcquisitionDate": "20200101",
        "AcquisitionTime": "120000",
        "RadionuclideTotalDose": "350000000",
        "RadionuclideHalfLife": "6600",
        "RadiopharmaceuticalStartTime": "101000.000000",
        "RadiopharmaceuticalStartDateTime": "20200101101000.000000",
    } | changes
    for keyword, value in entries.items():
        if value is not None:
            setattr(injection if keyword.startswith("Radio") else image, keyword, value)
    image.RadiopharmaceuticalInformationSequence = Sequence([injection])
    return image


def test_a_header_is_read_into_the_same_facts() -> None:
    expected = replace(PET, corrected=("ATTN", "DECY", "SCAT"))
    assert pet_quantity(header()) == expected


@pytest.mark.parametrize(
    ("value", "scheme", "meaning", "nuclide"),
    [
        ("77004003", "SCT", "", "F-18"),
        ("C-111A1", "SRT", "F18", "F-18"),  # SNOMED's code before it had numbers
        ("35337001", "SCT", "^18^Fluorine", "Ga-68"),  # the code counts before the words
        ("1", "99LOCAL", "^18^Fluorine", "F-18"),
        ("1", "99LOCAL", "Fluorine F^18^", "F-18"),
        ("1", "99LOCAL", "11C", "C-11"),
        ("1", "99LOCAL", "Zr-89", "Zr-89"),
        ("1", "99LOCAL", "C-11 or F-18", ""),
        ("1", "99LOCAL", "FDG", ""),
        ("424079002", "SCT", "^94m^Technetium", ""),
    ],
)
def test_the_radionuclide_is_read_from_its_code_or_else_its_words(
    value: str, scheme: str, meaning: str, nuclide: str
) -> None:
    coded = Dataset()
    coded.CodeValue, coded.CodingSchemeDesignator, coded.CodeMeaning = value, scheme, meaning
    image = header()
    image.RadiopharmaceuticalInformationSequence[0].RadionuclideCodeSequence = Sequence([coded])
    assert pet_quantity(image).nuclide == nuclide


def test_an_empty_header_says_nothing() -> None:
    assert pet_quantity(Dataset()) == PetQuantity()


def test_a_single_correction_is_read_as_one_code() -> None:
    assert pet_quantity(header(CorrectedImage="ATTN")).corrected == ("ATTN",)


@pytest.mark.filterwarnings("ignore")
def test_entries_that_cannot_be_read_count_as_missing() -> None:
    broken = pet_quantity(
        header(SeriesDate="00000000", AcquisitionTime="99", RadiopharmaceuticalStartDateTime="20200101")
    )
    assert broken.series is None
    assert broken.acquired is None
    assert broken.injected is None


def test_a_zone_in_the_date_time_is_brought_to_the_zone_of_the_series() -> None:
    # 09:10 in UTC is 10:10 where the scanner's clock is one hour ahead.
    image = header(
        RadiopharmaceuticalStartDateTime="20200101091000+0000",
        RadiopharmaceuticalStartTime=None,
        TimezoneOffsetFromUTC="+0100",
    )
    assert suv([pet_quantity(image)]).factor == pytest.approx(0.0004, rel=1e-12)


def test_a_zone_that_the_series_does_not_share_is_not_guessed() -> None:
    image = header(RadiopharmaceuticalStartDateTime="20200101091000+0000", RadiopharmaceuticalStartTime=None)
    assert "time of injection is missing" in suv([pet_quantity(image)]).reason
    disagreeing = header(RadiopharmaceuticalStartDateTime="20200101091000+0000")
    assert "give different times" in suv([pet_quantity(disagreeing)]).reason


def test_private_factors_of_ge_and_philips_are_found_by_their_creator() -> None:
    image = header()
    image.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x0D, "DT", "20200101115500.00")
    block = image.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", "0.0123")
    block.add_new(0x09, "UN", b"5.0 ")
    found = pet_quantity(image)
    assert found.ge_scan == datetime(2020, 1, 1, 11, 55)
    assert (found.philips_suv, found.philips_activity) == (0.0123, 5.0)


@pytest.mark.parametrize(
    ("changes", "unit"),
    [
        # a weight of 700 kg and more is one in grams, a dose of 10 000 Bq and less one in another unit
        ({"weight": 699.9}, "SUVbw"),
        ({"weight": 700.0}, "Bq/ml"),
        ({"dose": 10_000.0, "weight": 0.025}, "Bq/ml"),
        ({"dose": 10_001.0, "weight": 0.025}, "SUVbw"),
        # 10 kBq/kg to 200 MBq/kg: 350 MBq in kBq, a weight that stands for none, and a mouse
        ({"dose": 699_999.0}, "Bq/ml"),
        ({"dose": 700_000.0}, "SUVbw"),
        ({"weight": 1.75}, "SUVbw"),
        ({"weight": 1.0}, "Bq/ml"),
        ({"dose": 10e6, "weight": 0.025}, "SUVbw"),
        # the half-life of fluorine-18, 6584 s, as scanners round it, and that of carbon-11
        ({"nuclide": "F-18"}, "SUVbw"),
        ({"nuclide": "F-18", "half_life": 6912.0}, "SUVbw"),
        ({"nuclide": "F-18", "half_life": 6914.0}, "Bq/ml"),
        ({"nuclide": "F-18", "half_life": 1223.0, "decay": "ADMIN"}, "Bq/ml"),
        # from injection to scan: not before it, and ten half-lives (of 6 min) at most
        ({"injected": NOON, "injected_clock": None}, "SUVbw"),
        ({"injected": NOON + timedelta(seconds=1), "injected_clock": None}, "Bq/ml"),
        ({"injected": NOON - timedelta(seconds=3600), "injected_clock": None, "half_life": 360.0}, "SUVbw"),
        ({"injected": NOON - timedelta(seconds=3601), "injected_clock": None, "half_life": 360.0}, "Bq/ml"),
        # a clock time without a day counts for tracers with a half-life of six hours at most
        ({"injected": None, "half_life": 21_600.0}, "SUVbw"),
        ({"injected": None, "half_life": 21_601.0}, "Bq/ml"),
        # the two entries for the time of injection may differ by a minute, in either direction
        ({"injected_clock": time(10, 11)}, "SUVbw"),
        ({"injected_clock": time(10, 11, 1)}, "Bq/ml"),
        ({"injected_clock": time(10, 9)}, "SUVbw"),
        ({"injected_clock": time(10, 8, 59)}, "Bq/ml"),
    ],
)
def test_values_at_the_limits_of_what_is_sensible_become_suv_and_those_beyond_do_not(
    changes: dict[str, object], unit: str
) -> None:
    assert suv([replace(PET, **changes)]).unit == unit  # type: ignore[arg-type]


def test_a_clock_time_at_the_start_of_the_scan_is_of_the_same_day() -> None:
    # no decay at all: 70 000 g over 350 MBq
    image = replace(PET, injected=None, injected_clock=time(12))
    assert suv([image]).factor == pytest.approx(70_000 / 350e6, rel=1e-12)


@pytest.mark.parametrize("factor", [float("inf"), -1.0, float("nan")])
def test_a_private_factor_that_no_scanner_writes_is_not_used(factor: float) -> None:
    assert suv([replace(PET, units="CNTS", philips_suv=factor)]).unit == "CNTS"
    assert suv([replace(PET, units="CNTS", philips_activity=factor)]).unit == "CNTS"


def test_private_factors_that_differ_between_images_are_not_used() -> None:
    for name in ("philips_suv", "philips_activity"):
        images = [replace(PET, units="CNTS", **{name: factor}) for factor in (2.0, 3.0)]  # type: ignore[arg-type]
        answer = suv(images)
        assert (answer.unit, answer.factor) == ("CNTS", 1.0)

"""A series that holds several volumes is taken apart, and only then."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from napari_refusion.io.dicom.export.reference import read_reference
from napari_refusion.io.dicom.parts import parts_of
from napari_refusion.io.dicom.read import read_dicom, read_volumes
from napari_refusion.io.dicom.scan import list_series
from napari_refusion.volume.finding import RefusedError
from tests import dicom_parts as several
from tests import dicom_series as phantom
from tests.dicom_parts import Mark, setting


def private(group: int, creator: str, element: int, vr: str, value: object) -> Mark:
    def mark(image: Dataset, _slice: int) -> None:
        image.private_block(group, creator, create=True).add_new(element, vr, value)

    return mark


KINDS: dict[str, tuple[list[Mark], list[str]]] = {
    "echoes": (
        [setting(EchoTime=20, EchoNumbers=1), setting(EchoTime=90, EchoNumbers=2)],
        ["echo time 20 ms", "echo time 90 ms"],
    ),
    "echoes of a gradient echo": (
        [setting(EchoTime=time) for time in (1.23, 2.46, 3.69)],
        ["echo time 1.23 ms", "echo time 2.46 ms", "echo time 3.69 ms"],
    ),
    "echo numbers alone": ([setting(EchoNumbers=1), setting(EchoNumbers=2)], ["echo 1", "echo 2"]),
    "magnitude and phase": (
        [setting(ImageType=["ORIGINAL", "PRIMARY", kind, "ND"]) for kind in ("M", "P")],
        ["magnitude", "phase"],
    ),
    "magnitude and phase in the standard attribute": (
        [setting(ComplexImageComponent=kind) for kind in ("MAGNITUDE", "PHASE")],
        ["magnitude", "phase"],
    ),
    "magnitude and phase of GE": (
        [private(0x0043, "GEMS_PARM_01", 0x2F, "SS", kind) for kind in (0, 1)],
        ["not marked", "phase"],
    ),
    "Dixon": (
        [
            setting(ImageType=["DERIVED", "PRIMARY", "DIXON", kind])
            for kind in ("WATER", "FAT", "IN_PHASE", "OUT_PHASE")
        ],
        ["fat", "in phase", "out of phase", "water"],
    ),
    "Dixon of Philips": (
        [setting(ImageType=["DERIVED", "PRIMARY", kind, kind]) for kind in ("W", "F", "IP", "OP")],
        ["fat", "in phase", "out of phase", "water"],
    ),
    "maps of perfusion": (
        [setting(ImageType=["DERIVED", "PRIMARY", kind]) for kind in ("TTP", "CBF", "TMAX", "MTT", "CBV", "PBP")],
        ["cbf", "cbv", "mtt", "pbp", "tmax", "ttp"],
    ),
    "inversion times": (
        [setting(InversionTime=700), setting(InversionTime=2500)],
        ["inversion time 700 ms", "inversion time 2500 ms"],
    ),
    "b-values": (
        [setting(DiffusionBValue=0.0), setting(DiffusionBValue=1000.0)],
        ["b-value 0 s/mm2", "b-value 1000 s/mm2"],
    ),
    "b-values of Siemens": (
        [private(0x0019, "SIEMENS MR HEADER", 0x0C, "IS", value) for value in (50, 800)],
        ["b-value 50 s/mm2", "b-value 800 s/mm2"],
    ),
    "b-values of GE, scaled": (
        [private(0x0043, "GEMS_PARM_01", 0x39, "IS", [value, 8, 0, 0]) for value in (0, 1_000_001_000)],
        ["b-value 0 s/mm2", "b-value 1000 s/mm2"],
    ),
    "b-values of Philips": (
        [private(0x2001, "Philips Imaging DD 001", 0x03, "FL", value) for value in (0.0, 600.0)],
        ["b-value 0 s/mm2", "b-value 600 s/mm2"],
    ),
    "directions": (
        [setting(DiffusionBValue=1000.0, DiffusionGradientOrientation=way) for way in ([0, 0, 1.0], [0, 1.0, 0])],
        ["direction 0", "direction 1"],
    ),
    "contrast agent": (
        [setting(), setting(ContrastBolusAgent="Gadovist")],
        ["contrast agent none", "contrast agent GADOVIST"],
    ),
    "temporal positions": (
        [setting(TemporalPositionIdentifier=position) for position in (1, 2, 3)],
        ["frame 0", "frame 1", "frame 2"],
    ),
    "trigger times": (
        [setting(TriggerTime=time) for time in (0, 120, 240)],
        ["trigger time 0 ms", "trigger time 120 ms", "trigger time 240 ms"],
    ),
    "acquisitions": ([setting(AcquisitionNumber=1), setting(AcquisitionNumber=2)], ["acquisition 1", "acquisition 2"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_volumes_of_one_series_are_told_apart_by_what_they_show(tmp_path: Path, kind: str) -> None:
    marks, names = KINDS[kind]
    several.write(tmp_path, several.one_series(marks))
    volumes = read_volumes(tmp_path)
    assert sorted(volume.acquisition.part for volume in volumes) == sorted(names)
    # The order of the parts need not be the one in which they were written, but no slice of one is in another.
    firsts = {several.first_value(volume.data) for volume in volumes}
    assert firsts == {10.0 + 1000 * k for k in range(len(marks))}
    for volume in volumes:
        shift = several.first_value(volume.data) - 10
        np.testing.assert_array_equal(volume.data[:, 0, 0] - shift, [80, 70, 60, 50, 40, 30, 20, 10])


@pytest.mark.parametrize("kind", ["Dixon", "maps of perfusion"])
def test_a_number_stands_for_the_same_volume_whenever_the_program_is_started(tmp_path: Path, kind: str) -> None:
    # The order of a set of words is another one in each process; that of the names is not.
    marks, names = KINDS[kind]
    (series,) = list_series(several.write(tmp_path, several.one_series(marks)))
    assert [part.part for part in parts_of(series)] == sorted(names)


def test_a_series_of_several_volumes_is_refused_with_their_names_until_one_is_chosen(tmp_path: Path) -> None:
    several.write(tmp_path, several.one_series(KINDS["echoes"][0]))
    message = phantom.refusal(tmp_path)
    for word in ("echo time 20 ms", "echo time 90 ms", "--volume-a"):
        assert word in message
    assert several.first_value(read_dicom(tmp_path, volume=1).data) == 1010
    assert read_dicom(tmp_path, volume=1).acquisition.echo_time == 90
    assert read_dicom(tmp_path, volume="echo time 20 ms").acquisition.echo_time == 20
    assert read_dicom(tmp_path, volume=0).origin.sha256 != read_dicom(tmp_path, volume=1).origin.sha256


@pytest.mark.parametrize("choice", ["mean", "sum", "00:00-01:00"])
def test_echoes_have_no_mean(tmp_path: Path, choice: str) -> None:
    several.write(tmp_path, several.one_series(KINDS["echoes"][0]))
    with pytest.raises(RefusedError, match=r"by its number"):
        read_dicom(tmp_path, volume=choice)


def frame(number: int, clock: str, seconds: float) -> Mark:
    return setting(
        AcquisitionDate="20200101",
        AcquisitionTime=clock,
        ActualFrameDuration=seconds * 1000,
        TemporalPositionIdentifier=number,
    )


DYNAMIC = [frame(1, "120000", 60), frame(2, "120100", 60), frame(3, "120200", 300)]


def test_dynamic_frames_have_times_a_weighted_mean_and_spans(tmp_path: Path) -> None:
    several.write(tmp_path, several.one_series(DYNAMIC))
    volumes = read_volumes(tmp_path)
    assert [volume.acquisition.time for volume in volumes] == [(0, 60), (60, 120), (120, 420)]
    assert [volume.acquisition.part for volume in volumes][2] == "frame 2, 02:00 to 07:00"
    # Frame k is 1000 k higher and lasts 60, 60, 300 s: (0 * 60 + 1000 * 60 + 2000 * 300) / 420.
    mean = read_dicom(tmp_path, volume="mean")
    assert several.first_value(mean.data) == pytest.approx(10 + 660_000 / 420, rel=1e-5)
    assert mean.acquisition.time == (0, 420)
    assert len(mean.origin.paths) == 24
    assert several.first_value(read_dicom(tmp_path, volume="sum").data) == pytest.approx(3030)
    assert several.first_value(read_dicom(tmp_path, volume="00:00-02:00").data) == pytest.approx(510)
    with pytest.raises(RefusedError, match="02:00"):
        read_dicom(tmp_path, volume="00:00-03:00")


def test_all_frames_of_a_dynamic_pet_that_was_made_later_have_one_suv(tmp_path: Path) -> None:
    # Their decay is corrected to the start of the scan, 2 h = one half-life after the injection of 74 MBq into 74 kg,
    # not to the start of each frame: 1 Bq/ml is 74 000 g / 37 MBq.
    clocks = ("120000", "123000", "130000")
    marks = [frame(number, clock, 1800) for number, clock in enumerate(clocks, start=1)]
    volumes = several.one_series(marks, "PT")
    for image in (image for images in volumes for image in images):
        image.SeriesTime = "170000"
    several.write(tmp_path, volumes)
    for number, volume in enumerate(read_volumes(tmp_path)):
        assert volume.unit == "SUVbw"
        assert several.first_value(volume.data) == pytest.approx((10 + 1000 * number) * 0.002, rel=1e-6)
        assert read_reference(volume.origin).factor == pytest.approx(0.002, rel=1e-12)
    assert several.first_value(read_dicom(tmp_path, volume="mean").data) == pytest.approx(1010 * 0.002, rel=1e-6)


def test_a_second_injection_within_a_series_counts_from_its_own_scan(tmp_path: Path) -> None:
    marks = [frame(number, clock, 600) for number, clock in ((1, "120000"), (2, "160000"))]
    volumes = several.one_series(marks, "PT")
    for number, images in enumerate(volumes):
        for image in images:
            image.SeriesTime = "170000"
            image.RadiopharmaceuticalInformationSequence[0].RadiopharmaceuticalStartTime = f"1{4 * number}0000"
    several.write(tmp_path, volumes)
    # one half-life before each of the two scans
    assert [volume.origin.factor for volume in read_volumes(tmp_path)] == pytest.approx([0.002, 0.002], rel=1e-12)


def test_frames_of_pet_are_found_by_their_frame_reference_time(tmp_path: Path) -> None:
    marks = [setting(FrameReferenceTime=time, ActualFrameDuration=60_000.0) for time in (30_000.0, 90_000.0)]
    several.write(tmp_path, several.one_series(marks, "PT"))
    assert [volume.acquisition.part for volume in read_volumes(tmp_path)] == [
        "frame 0, 00:00 to 01:00",
        "frame 1, 01:00 to 02:00",
    ]


def test_slices_that_were_each_measured_at_another_moment_are_frames_by_their_order(tmp_path: Path) -> None:
    def at(start: int) -> Mark:
        def mark(image: Dataset, k: int) -> None:
            image.AcquisitionDate, image.AcquisitionTime = "20200101", f"1200{start + k:02d}"

        return mark

    several.write(tmp_path, several.one_series([at(0), at(20)]))
    volumes = read_volumes(tmp_path)
    assert [several.first_value(volume.data) for volume in volumes] == [10, 1010]


def test_phases_of_the_heart_whose_trigger_times_jitter_are_counted_at_each_place(tmp_path: Path) -> None:
    def at(start: float) -> Mark:
        def mark(image: Dataset, k: int) -> None:
            image.TriggerTime = start + 7 * (k % 3)

        return mark

    several.write(tmp_path, several.one_series([at(0), at(100), at(200)]))
    assert [several.first_value(volume.data) for volume in read_volumes(tmp_path)] == [10, 1010, 2010]


@pytest.mark.parametrize(("step", "delay"), [(1500.0, 30.0), (1980.0, 110.0), (40.0, 3.0)])
def test_time_points_whose_slices_were_triggered_one_after_the_other_are_whole_frames(
    tmp_path: Path, step: float, delay: float
) -> None:
    # late in the series the delay of a slice is a small part of its trigger time, at the start it is not
    def at(time: int) -> Mark:
        def mark(image: Dataset, k: int) -> None:
            image.TriggerTime = step * time + delay * k

        return mark

    several.write(tmp_path, several.one_series([at(time) for time in range(14)]))
    volumes = read_volumes(tmp_path)
    assert [several.first_value(volume.data) for volume in volumes] == [10 + 1000 * time for time in range(14)]
    assert [volume.acquisition.part for volume in volumes] == [f"frame {time}" for time in range(14)]
    assert not [one for volume in volumes for one in volume.findings if one.rule == "missing slice"]


def test_phases_that_are_counted_are_not_called_by_a_time(tmp_path: Path) -> None:
    def at(start: float) -> Mark:
        return lambda image, k: setattr(image, "TriggerTime", start + 7 * (k % 3))

    several.write(tmp_path, several.one_series([at(0), at(100), at(200)]))
    assert [volume.acquisition.part for volume in read_volumes(tmp_path)] == ["frame 0", "frame 1", "frame 2"]


def test_a_missing_image_of_a_phase_does_not_move_later_phases_up(tmp_path: Path) -> None:
    def at(phase: int) -> Mark:
        return lambda image, k: setattr(image, "TriggerTime", 40.0 * phase + 3 * k)

    volumes = several.one_series([at(phase) for phase in range(6)])
    del volumes[2][4]
    several.write(tmp_path, volumes)
    with pytest.raises(RefusedError, match=r"5 to 6 images at each of 8 positions.* images are missing"):
        read_volumes(tmp_path)


def test_two_traits_split_one_after_the_other(tmp_path: Path) -> None:
    marks = [
        setting(EchoTime=time, ImageType=["ORIGINAL", "PRIMARY", kind]) for time in (2.0, 5.0) for kind in ("M", "P")
    ]
    several.write(tmp_path, several.one_series(marks))
    parts = [volume.acquisition.part for volume in read_volumes(tmp_path)]
    assert sorted(parts) == [
        "magnitude, echo time 2 ms",
        "magnitude, echo time 5 ms",
        "phase, echo time 2 ms",
        "phase, echo time 5 ms",
    ]


def test_directions_of_diffusion_share_the_places_of_the_image_without(tmp_path: Path) -> None:
    ways = ([0, 0, 1.0], [0, 1.0, 0], [1.0, 0, 0])
    marks = [
        setting(DiffusionBValue=0.0),
        *(setting(DiffusionBValue=1000.0, DiffusionGradientOrientation=way) for way in ways),
    ]
    several.write(tmp_path, several.one_series(marks))
    assert len(read_volumes(tmp_path)) == 4


@pytest.mark.parametrize("keyword", ["AcquisitionNumber", "EchoTime", "SliceThickness", "StackID"])
def test_two_passes_half_a_step_apart_are_two_volumes(tmp_path: Path, keyword: str) -> None:
    first, second = several.one_series([setting(**{keyword: "1"}), setting(**{keyword: "2"})])
    for image in second:
        image.ImagePositionPatient[2] += phantom.BETWEEN_SLICES / 2
    several.write(tmp_path, [first, second])
    volumes = read_volumes(tmp_path)
    assert [volume.shape for volume in volumes] == [(8, 12, 10), (8, 12, 10)]
    assert [volume.spacing[0] for volume in volumes] == pytest.approx([4.0, 4.0])


@pytest.mark.parametrize("shift", [0.0, 1.5], ids=["at the same places", "between them"])
def test_thick_and_thin_slices_of_one_scan_are_two_volumes_of_which_none_lacks_a_slice(
    tmp_path: Path, shift: float
) -> None:
    thin, thick = several.one_series([setting(SliceThickness=4), setting(SliceThickness=12)])
    thick = thick[:3]
    for k, image in enumerate(thick):
        image.ImagePositionPatient[2] = phantom.FIRST[2] + shift + 3 * k * phantom.BETWEEN_SLICES
    several.write(tmp_path, [thin, thick])
    volumes = read_volumes(tmp_path)
    assert [volume.acquisition.part for volume in volumes] == ["slice thickness 4 mm", "slice thickness 12 mm"]
    assert [volume.spacing[0] for volume in volumes] == pytest.approx([4.0, 12.0])
    assert volumes[1].affine[2, 3] + 2 * volumes[1].affine[2, 0] == pytest.approx(phantom.FIRST[2] + shift)
    assert not [one for volume in volumes for one in volume.findings if one.level == "warn" and one.rule == "frames"]


def test_thick_sections_beyond_thin_ones_are_one_volume(tmp_path: Path) -> None:
    images = phantom.series("CT")
    for k, image in enumerate(images):
        image.SliceThickness = 4 if k < 4 else 8
        image.ImagePositionPatient[2] += max(0, k - 4) * phantom.BETWEEN_SLICES
    phantom.write(tmp_path, images)
    assert len(read_volumes(tmp_path)) == 1


def test_two_passes_that_overlap_at_some_places_are_two_volumes(tmp_path: Path) -> None:
    first, second = several.one_series([setting(AcquisitionNumber=1), setting(AcquisitionNumber=2)])
    for image in second:
        image.ImagePositionPatient[2] += 5 * phantom.BETWEEN_SLICES
    several.write(tmp_path, [first, second])
    assert [volume.shape[0] for volume in read_volumes(tmp_path)] == [8, 8]


def test_a_frame_that_was_broken_off_is_left_out_and_named(tmp_path: Path) -> None:
    volumes = several.one_series(DYNAMIC)
    several.write(tmp_path, [*volumes[:2], volumes[2][:3]])
    assert len(read_volumes(tmp_path)) == 2
    with pytest.raises(RefusedError, match="5 slice"):
        read_dicom(tmp_path, volume=2)


def test_the_remains_of_another_echo_do_not_hinder_the_complete_one(tmp_path: Path) -> None:
    first, second = several.one_series(KINDS["echoes"][0])
    several.write(tmp_path, [first, second[:2]])
    volume = read_dicom(tmp_path)
    phantom.assert_truth(volume)
    assert any(finding.level == "warn" and "echo time 90 ms" in finding.sentence for finding in volume.findings)


def jitter(keyword: str, start: float, step: float) -> Mark:
    def mark(image: Dataset, k: int) -> None:
        setattr(image, keyword, start + step * (k * 5 % 8))

    return mark


def per_slice(image: Dataset, k: int) -> None:
    image.AcquisitionNumber = k + 1


def beds(image: Dataset, k: int) -> None:
    image.AcquisitionNumber, image.AcquisitionTime = k // 4, f"12{k // 4:02d}00"
    image.FrameReferenceTime, image.ActualFrameDuration = 60_000.0 * (k // 4), 60_000


GOOD: dict[str, Mark] = {
    "repetition time jitters with the heart": jitter("RepetitionTime", 800, 37),
    "trigger time of each slice": jitter("TriggerTime", 0, 51),
    "tiny jitter of the echo time": jitter("EchoTime", 92.0, 0.04),
    "an acquisition for each slice": per_slice,
    "beds of a whole body": beds,
    "exposure of each slice": jitter("Exposure", 100, 3),
    "slices of two concatenations": lambda image, k: setattr(image, "TriggerTime", 300 * (k % 2)),
    "an image type of filters": lambda image, k: setattr(
        image, "ImageType", ["ORIGINAL", "PRIMARY", "AXIAL", *(["ADD"] if k > 3 else [])]
    ),
    "scaled b-values": lambda image, k: setattr(image, "DiffusionBValue", 1000.0 + k % 3),
    "content times": lambda image, k: setattr(image, "ContentTime", f"1200{k:02d}"),
}


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("modality", ["MR", "CT", "PT"])
def test_what_varies_within_good_volumes_turns_none_away(tmp_path: Path, kind: str, modality: str) -> None:
    images = phantom.series(modality)
    for k, image in enumerate(images):
        GOOD[kind](image, k)
    (series,) = list_series(phantom.write(tmp_path, images))
    assert parts_of(series) == (series,)
    assert read_dicom(tmp_path).shape == (8, 12, 10)


@pytest.mark.parametrize("modality", ["MR", "PT", "CT"])
def test_volumes_that_only_their_numbers_tell_apart_are_counted_and_have_no_mean(tmp_path: Path, modality: str) -> None:
    volumes = several.one_series([setting() for _ in range(3)], modality)
    for image in (image for images in volumes for image in images if modality == "PT"):
        del image.NumberOfSlices
    several.write(tmp_path, volumes)
    read = read_volumes(tmp_path)
    factor = read[0].data[-1, 0, 0] / 10
    assert [round(several.first_value(volume.data) / factor) for volume in read] == [10, 1010, 2010]
    assert [volume.acquisition.part for volume in read] == ["volume 0", "volume 1", "volume 2"]
    with pytest.raises(RefusedError, match="mean"):
        read_dicom(tmp_path, volume="mean")


@pytest.mark.parametrize("numbers", ["by place", "equal", "none", "muddled"])
def test_volumes_that_were_numbered_by_place_or_not_at_all_are_not_told_apart(tmp_path: Path, numbers: str) -> None:
    volumes = several.one_series([setting(), setting()])
    for number, images in enumerate(volumes):
        for k, image in enumerate(images):
            image.InstanceNumber = {
                "by place": 2 * k + number,
                "equal": k,
                "none": None,
                "muddled": (k + 8 * number) * 5 % 17,
            }[numbers]
    several.write(tmp_path, volumes)
    with pytest.raises(RefusedError, match="2 images at each of 8 positions"):
        read_volumes(tmp_path)

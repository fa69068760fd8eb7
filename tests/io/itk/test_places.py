"""Headers of NRRD and MetaImage that SimpleITK completes or misreads silently: exact numbers, or a refusal."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from napari_refusion.io.itk.read import list_itk, read_itk, read_itk_volumes
from napari_refusion.volume.finding import RefusedError
from tests.io.itk.test_read import META, NRRD, image, refusal, text_file, world_of
from tests.nifti_files import voxels, world_values

OFFSET, MATRIX = "Offset = 1 2 3", "TransformMatrix = 1 0 0 0 1 0 0 0 1"
DIRECTIONS = "space directions: (2,0,0) (0,3,0) (0,0,4)"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (OFFSET, "Offset = 1 2", "Offset"),
        (OFFSET, "Offset = 1 2 3 4", "Offset"),
        (OFFSET, "Offset =", "Offset"),
        (OFFSET, "Offset = 1 nan 3", "Offset"),
        (OFFSET, "Offset = 1 inf 3", "Offset"),
        (OFFSET, "Offset = 1 two 3", "Offset"),
        (OFFSET + "\n", "", "no Offset"),
        (OFFSET, "offset = 1 2 3", "writes offset for Offset"),
        (OFFSET, "OFFSET = 1 2 3", "writes OFFSET for Offset"),
        (OFFSET, OFFSET + "\nPosition = 1 2 4", "contradict"),
        (OFFSET, OFFSET + "\nOffset = 1 2 4", "twice"),
        ("ElementSpacing = 2 3 4", "elementspacing = 2 3 4", "writes elementspacing"),
        ("ElementSpacing = 2 3 4", "ElementSpacing = 2 -3 4", "2 x -3 x 4"),
        ("ElementSpacing = 2 3 4", "ElementSpacing = 2 3", "ElementSpacing"),
        ("ElementSpacing = 2 3 4", "ElementSpacing = 2 3 nan", "ElementSpacing"),
        (MATRIX, "TransformMatrix = 2 0 0 0 1 0 0 0 1", "scales its voxels twice"),
        (MATRIX, "TransformMatrix = 0.5 0 0 0 0.5 0 0 0 0.5", "0.5 x 0.5 x 0.5"),
        (MATRIX, "TransformMatrix = 1 0 0 0 1 0 0 0", "TransformMatrix"),
        (MATRIX, "TransformMatrix = 1 0 0 0 1 0 0 0 nan", "TransformMatrix"),
        (MATRIX, "transformmatrix = 1 0 0 0 1 0 0 0 1", "writes transformmatrix"),
        ("NDims = 3", "NDims = 3\nDistanceUnits = um", "measured in um"),
        ("NDims = 3", "NDims = 3\nDistanceUnits = cm", "measured in cm"),
        ("NDims = 3", "NDims = 3\nAnatomicalOrientation = LPI", "two different orientations"),
        ("NDims = 3", "NDims = 3\nAnatomicalOrientation = RAS", "two different orientations"),
        ("NDims = 3", "NDims = 3\nElementToIntensityFunctionSlope = 2", "are to be scaled"),
        ("NDims = 3", "NDims = 3\nElementToIntensityFunctionOffset = -1024", "are to be scaled"),
        ("NDims = 3", "NDims = 2", "NDims"),
        ("BinaryDataByteOrderMSB = False", "BinaryDataByteOrderMSB = maybe", "byte order"),
        ("NDims = 3", "NDims = 3\nElementByteOrderMSB = True", "byte order"),
    ],
)
def test_a_metaimage_that_says_too_little_or_two_things_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in META
    refusal(text_file(tmp_path / "a.mha", META.replace(old, new)), words)


@pytest.mark.parametrize(
    ("letters", "is_right"),
    [
        ("RAI", True),
        ("ALI", True),
        ("PRI", False),
        ("LPS", True),
        ("PRS", True),
        ("ARI", False),
        ("ISR", False),
        ("RAA", False),
        ("LLS", False),
    ],
)
def test_an_axis_between_two_directions_may_have_the_letter_of_either(
    tmp_path: Path, letters: str, is_right: bool
) -> None:
    # 44 degrees about the axis of the patient: the first axis leads to the left and, nearly as much, to the back
    oblique = "TransformMatrix = 0.7193 0.6947 0 -0.6947 0.7193 0 0 0 1"
    stated = META.replace(MATRIX, oblique).replace("NDims = 3", f"NDims = 3\nAnatomicalOrientation = {letters}")
    path = text_file(tmp_path / "a.mha", stated)
    if is_right:
        assert read_itk(path).affine.shape == (4, 4)
    else:
        refusal(path, "two different orientations")


def test_letters_that_name_one_direction_twice_are_refused(tmp_path: Path) -> None:
    # mirrored and oblique: the first two axes lead to the left alike, so RRI would fit each by itself
    oblique = "TransformMatrix = 0.7193 0.6947 0 0.6947 -0.7193 0 0 0 1"
    stated = META.replace(MATRIX, oblique).replace("NDims = 3", "NDims = 3\nAnatomicalOrientation = RRI")
    refusal(text_file(tmp_path / "a.mha", stated), "two different orientations")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("NDims = 3", "NDims = 3\nAnatomicalOrientation = RAI"),
        ("NDims = 3", "NDims = 3\nAnatomicalOrientation = LPS"),
        ("NDims = 3", "NDims = 3\nAnatomicalOrientation = ???"),
        (
            "NDims = 3",
            "NDims = 3\nElementToIntensityFunctionSlope = 1.0\nElementToIntensityFunctionOffset = 0",
        ),
        ("NDims = 3", "NDims = 3\nDistanceUnits = mm\nCenterOfRotation = 0 0 0"),
        (OFFSET, "Position = 1 2 3"),
        (OFFSET, "Origin = 1 2 3"),
        (MATRIX, "Rotation = 1 0 0 0 1 0 0 0 1"),
        ("ElementSpacing = 2 3 4", "ElementSize = 9 9 9\nElementSpacing = 2 3 4"),
        ("BinaryDataByteOrderMSB = False", "ElementByteOrderMSB = False"),
    ],
)
def test_a_metaimage_in_other_words_is_read_as_simpleitk_reads_it(tmp_path: Path, old: str, new: str) -> None:
    path = text_file(tmp_path / "a.mha", META.replace(old, new))
    volume = read_itk(path)
    assert world_values(volume.data, volume.affine) == world_of(SimpleITK.ReadImage(str(path)))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("space origin: (1,2,3)\n", "", "no space origin"),
        ("(1,2,3)", "(1,2)", "space origin"),
        ("(1,2,3)", "(1,2,nan)", "space origin"),
        ("(1,2,3)", "1 2 3", "space origin"),
        ("(1,2,3)", "", "no space origin"),
        (DIRECTIONS, "space directions: (2,0,0) (0,3,0)", "space directions"),
        (DIRECTIONS, "space directions: (2,0,0) (0,3,0) (0,0,inf)", "space directions"),
        (DIRECTIONS, "space directions: (2,0,0) (0,3,0) (0,0)", "space directions"),
        (DIRECTIONS, DIRECTIONS + "\nspacings: 2 3 5", "two different voxel sizes"),
        (DIRECTIONS, DIRECTIONS + "\nspacings: 2 3", "spacings"),
        (DIRECTIONS, DIRECTIONS + "\nspace directions: (2,0,0) (0,3,0) (0,0,5)", "twice"),
        ("dimension: 3", "dimension: 4", "dimension"),
        ("endian: little\n", "", "endian"),
        ("endian: little", "endian: middle", "endian"),
        ("endian", 'units: "cm" "cm" "cm"\nendian', "measured in cm"),
        ("endian", 'space units: "um" "um" "um"\nendian', "measured in um"),
        ("space: left-posterior-superior", "space: left-posterior-superior-time", "orientation unknown"),
        ("space: left-posterior-superior", "space: 3D-right-handed", "orientation unknown"),
        ("sizes: 7 6 5", "sizes: 7 6 5.0", "sizes"),
    ],
)
def test_an_nrrd_that_says_too_little_or_two_things_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in NRRD
    refusal(text_file(tmp_path / "a.nrrd", NRRD.replace(old, new)), words)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("space: left-posterior-superior", "space: Left-Posterior-Superior"),
        ("space: left-posterior-superior", "space: lps"),
        ("endian", "kinds: domain domain domain\nendian"),
        ("endian", "kinds: space space space\ncenters: cell cell cell\nendian"),
        ("endian", 'space units: "mm" "mm" "mm"\nmeasurement frame: (1,0,0) (0,1,0) (0,0,1)\nendian'),
        ("(2,0,0) (0,3,0) (0,0,4)", "( 2, 0, 0 ) (0,3,0) (0,0,4e0)"),
        ("endian", "# a comment\nmodality:=MR\nendian"),
    ],
)
def test_an_nrrd_in_other_words_is_read_as_simpleitk_reads_it(tmp_path: Path, old: str, new: str) -> None:
    path = text_file(tmp_path / "a.nrrd", NRRD.replace(old, new))
    volume = read_itk(path)
    assert world_values(volume.data, volume.affine) == world_of(SimpleITK.ReadImage(str(path)))


SEQUENCE = (
    "NRRD0005\ntype: short\ndimension: 4\nspace: left-posterior-superior\nsizes: 4 7 6 5\n"
    "space directions: none (2,0,0) (0,3,0) (0,0,4)\nkinds: list domain domain domain\nendian: little\nencoding: raw\n"
    "space origin: (1,2,3)\n\n"
)
LPS_2_3_4 = np.array([[-2, 0, 0, -1], [0, -3, 0, -2], [0, 0, 4, 3], [0, 0, 0, 1.0]])


def test_a_sequence_of_slicer_is_a_choice_of_frames(tmp_path: Path) -> None:
    stored = voxels((5, 6, 7, 4))
    path = text_file(tmp_path / "a.seq.nrrd", SEQUENCE, stored.astype("<i2").tobytes())
    with pytest.raises(RefusedError, match="4 frames"):
        read_itk(path)
    assert list_itk(path)[0].parts == ("frame 0", "frame 1", "frame 2", "frame 3")
    for index, volume in enumerate(read_itk_volumes(path)):
        expected = world_values(stored[..., index].transpose(2, 1, 0), LPS_2_3_4)
        assert world_values(volume.data, volume.affine) == expected
    mean = read_itk(path, volume="mean")
    assert world_values(mean.data, mean.affine) == world_values(stored.mean(axis=-1).transpose(2, 1, 0), LPS_2_3_4)


def test_a_multivolume_of_slicer_names_its_frames(tmp_path: Path) -> None:
    named = (
        "MultiVolume.FrameIdentifyingDICOMTagName:=EchoTime\nMultiVolume.FrameIdentifyingDICOMTagUnits:=ms\n"
        "MultiVolume.FrameLabels:=5,10,20,40\n"
    )
    header = SEQUENCE.replace("endian", named + "endian")
    path = text_file(tmp_path / "a.nrrd", header, voxels((5, 6, 7, 4)).astype("<i2").tobytes())
    assert list_itk(path)[0].parts[2] == "EchoTime 20 ms"
    with pytest.raises(RefusedError, match="means nothing"):
        read_itk(path, volume="mean")


@pytest.mark.parametrize("kind", ["domain", "vector", "complex"])
def test_further_axes_of_another_kind_are_refused(tmp_path: Path, kind: str) -> None:
    header = SEQUENCE.replace("list", kind)
    refusal(text_file(tmp_path / "a.nrrd", header, voxels((5, 6, 7, 4)).astype("<i2").tobytes()))


@pytest.mark.parametrize("name", ["a_pet.mha", "a_pet.mhd"])
@pytest.mark.parametrize("frames", [1, 3])
def test_the_frames_of_a_metaimage_are_volumes_in_one_place(tmp_path: Path, name: str, frames: int) -> None:
    volumes = [image(voxels((5, 6, 7)).astype(np.float32) + 1000 * frame) for frame in range(frames)]
    SimpleITK.WriteImage(SimpleITK.JoinSeries(volumes), str(tmp_path / name), useCompression=name.endswith("mhd"))
    read = read_itk_volumes(tmp_path / name)
    assert len(read) == frames
    for ours, theirs in zip(read, volumes, strict=True):
        assert world_values(ours.data, ours.affine) == pytest.approx(world_of(theirs))
    if frames > 1:
        mean = read_itk(tmp_path / name, volume="mean")
        assert np.allclose(mean.data, np.mean([one.data for one in read], axis=0))
        refusal(tmp_path / name, "3 frames", "--volume-a")


@pytest.mark.parametrize("at", [3, 12, 15])
def test_a_metaimage_whose_frames_are_an_axis_of_space_is_refused(tmp_path: Path, at: int) -> None:
    matrix = np.eye(4).ravel()
    matrix[at] += 0.5
    header = META.replace("NDims = 3", "NDims = 4").replace(MATRIX, f"TransformMatrix = {' '.join(map(str, matrix))}")
    header = header.replace(OFFSET, "Offset = 1 2 3 0").replace("ElementSpacing = 2 3 4", "ElementSpacing = 2 3 4 1")
    header = header.replace("DimSize = 7 6 5", "DimSize = 7 6 5 2")
    path = text_file(tmp_path / "a.mha", header, voxels((5, 6, 7, 2)).astype("<i2").tobytes())
    refusal(path, "TransformMatrix")


def test_a_file_that_simpleitk_cannot_read_is_refused_in_words(tmp_path: Path) -> None:
    header = SEQUENCE.replace("NRRD0005", "NRRD0009")  # a version to come
    path = text_file(tmp_path / "a.nrrd", header, voxels((5, 6, 7, 4)).astype("<i2").tobytes())
    refusal(path, "SimpleITK", "NIfTI")


def test_simpleitk_and_the_reader_agree_on_random_sound_images(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    for number in range(24):
        made = image(rng.integers(0, 99, tuple(rng.integers(2, 6, 3))).astype(np.int16))
        made.SetDirection(SimpleITK.Euler3DTransform((0, 0, 0), *rng.uniform(-3, 3, 3)).GetMatrix())
        made.SetSpacing(rng.uniform(0.3, 5, 3))
        made.SetOrigin(rng.uniform(-300, 300, 3))
        path = tmp_path / f"{number}.{('nrrd', 'nhdr', 'mha', 'mhd')[number % 4]}"
        SimpleITK.WriteImage(made, str(path))
        volume = read_itk(path)
        ours, theirs = world_values(volume.data, volume.affine), world_of(made)
        assert sorted(ours.values()) == sorted(theirs.values())
        assert np.allclose(sorted(ours), sorted(theirs), rtol=0, atol=2e-3)

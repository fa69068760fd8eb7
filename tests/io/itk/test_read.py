"""NRRD and MetaImage: the same volume as SimpleITK writes it, and files that SimpleITK passes silently."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from napari_refusion.io.itk.read import read_itk
from napari_refusion.volume.finding import RefusedError
from tests.nifti_files import voxels, world_values

ENDINGS = ["nrrd", "nhdr", "mha", "mhd"]
LPS_TO_RAS = np.diag([-1.0, -1.0, 1.0])
NRRD = (
    "NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 7 6 5\n"
    "space directions: (2,0,0) (0,3,0) (0,0,4)\nendian: little\nencoding: raw\nspace origin: (1,2,3)\n\n"
)
META = (
    "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
    "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 1 2 3\nElementSpacing = 2 3 4\nDimSize = 7 6 5\n"
    "ElementType = MET_SHORT\nElementDataFile = LOCAL\n"
)


def image(data: np.ndarray | None = None, turned: bool = False) -> SimpleITK.Image:
    """A volume indexed (k, j, i) as SimpleITK does, 2 x 3 x 4 mm."""
    made = SimpleITK.GetImageFromArray(voxels() if data is None else data)
    made.SetSpacing((2.0, 3.0, 4.0))
    made.SetOrigin((-10.0, 20.0, -30.0))
    if turned:
        made.SetDirection(SimpleITK.Euler3DTransform((0, 0, 0), 0.2, -0.3, 0.4).GetMatrix())
    return made


def world_of(made: SimpleITK.Image) -> dict[tuple[float, ...], float]:
    """Place (RAS mm) -> value, by SimpleITK's own function for the place of an index."""
    sizes = made.GetSize()
    return {
        tuple(np.round(LPS_TO_RAS @ made.TransformIndexToPhysicalPoint(index), 3) + 0.0): float(made[index])
        for index in product(*map(range, sizes))
    }


def text_file(path: Path, header: str, data: bytes | None = None) -> Path:
    content = voxels((5, 6, 7)).astype("<i2").tobytes() if data is None else data
    path.write_bytes(header.encode() + content)
    return path


def refusal(path: Path, *words: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read_itk(path)
    for word in (path.name, *words):
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert " at 0x" not in str(caught.value)
    assert "(0x" not in str(caught.value)


# --- good files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("turned", [False, True])
def test_every_voxel_lies_where_simpleitk_says(tmp_path: Path, ending: str, compressed: bool, turned: bool) -> None:
    path = tmp_path / f"a.{ending}"
    SimpleITK.WriteImage(image(turned=turned), str(path), useCompression=compressed)
    volume = read_itk(path)
    assert volume.data.dtype == np.float32
    ours, theirs = world_values(volume.data, volume.affine), world_of(image(turned=turned))
    places = np.array(sorted(ours, key=lambda place: ours[place]))
    expected = np.array(sorted(theirs, key=lambda place: theirs[place]))
    assert sorted(ours.values()) == sorted(theirs.values())
    assert np.allclose(places, expected, rtol=0, atol=2e-3)
    assert volume.findings == ()
    assert volume.name == "a"
    assert len(volume.origin.sha256) == 64


@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int32", "uint32", "int64", "float32", "float64"])
@pytest.mark.parametrize("ending", ["nrrd", "mha"])
def test_all_kinds_of_numbers_are_read(tmp_path: Path, ending: str, dtype: str) -> None:
    path, data = tmp_path / f"a.{ending}", voxels((3, 4, 5), dtype)
    SimpleITK.WriteImage(image(data), str(path))
    assert np.sort(read_itk(path).data.ravel()).tolist() == np.sort(data.ravel()).tolist()


@pytest.mark.parametrize(
    ("space", "sign"), [("LPS", (-1, -1, 1)), ("right-anterior-superior", (1, 1, 1)), ("LAS", (-1, 1, 1))]
)
def test_nrrd_spaces_are_brought_to_ras(tmp_path: Path, space: str, sign: tuple[int, int, int]) -> None:
    path = text_file(tmp_path / "a.nrrd", NRRD.replace("left-posterior-superior", space))
    affine = np.diag([*np.multiply(sign, (2, 3, 4)), 1.0])
    affine[:3, 3] = np.multiply(sign, (1, 2, 3))
    volume = read_itk(path)
    assert world_values(volume.data, volume.affine) == world_values(voxels((5, 6, 7)).transpose(2, 1, 0), affine)


def test_big_endian_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    header = NRRD.replace("little", "big").replace("\n", "\r\n")
    volume = read_itk(text_file(tmp_path / "a.nrrd", header, voxels((5, 6, 7)).astype(">i2").tobytes()))
    assert sorted(volume.data.ravel()) == voxels().ravel().tolist()


@pytest.mark.parametrize("first", [False, True])
def test_an_axis_of_time_is_one_of_frames(tmp_path: Path, first: bool) -> None:
    # NRRD0005, "kinds": list and time are axes that lie in no space
    frames = np.stack([voxels((5, 6, 7)), voxels((5, 6, 7)) + 1], axis=-1 if first else 0)
    directions = ["(2,0,0)", "(0,3,0)", "(0,0,4)"]
    read = {}
    for kind in ("list", "time"):
        kinds, sizes, vectors = ["domain"] * 3, ["7", "6", "5"], list(directions)
        for words, word in ((kinds, kind), (sizes, "2"), (vectors, "none")):
            words.insert(0 if first else 3, word)
        header = (
            f"NRRD0005\ntype: short\ndimension: 4\nspace: LPS\nsizes: {' '.join(sizes)}\nkinds: {' '.join(kinds)}\n"
            f"space directions: {' '.join(vectors)}\nspace origin: (1,2,3)\nendian: little\nencoding: raw\n\n"
        )
        read[kind] = read_itk(text_file(tmp_path / f"{kind}.nrrd", header, frames.astype("<i2").tobytes()), volume=1)
    np.testing.assert_array_equal(read["time"].data, read["list"].data)
    np.testing.assert_array_equal(read["time"].affine, read["list"].affine)


def test_a_tilted_gantry_is_kept_and_warned_of(tmp_path: Path) -> None:
    volume = read_itk(text_file(tmp_path / "a.nrrd", NRRD.replace("(0,0,4)", "(0,1,4)")))
    sheared = np.array([[-2, 0, 0, -1], [0, -3, -1, -2], [0, 0, 4, 3], [0, 0, 0, 1]])
    expected = world_values(voxels((5, 6, 7)).transpose(2, 1, 0), sheared)
    assert world_values(volume.data, volume.affine) == expected
    assert [finding.rule for finding in volume.findings] == ["shear"]


@pytest.mark.parametrize("ending", ["nrrd", "mha"])
def test_8_bit_colours_are_between_0_and_1(tmp_path: Path, ending: str) -> None:
    data = np.random.default_rng(0).integers(0, 256, (5, 6, 7, 3), dtype=np.uint8)
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(data, isVector=True), str(tmp_path / f"a.{ending}"))
    volume = read_itk(tmp_path / f"a.{ending}")
    assert volume.is_rgb
    # LPS identity: i grows to the left, j to posterior, k to superior; only k must be reversed to (I, P, L).
    assert np.array_equal(volume.data, data[::-1] / np.float32(255))


def test_the_modality_of_the_header_counts_more_than_the_name(tmp_path: Path) -> None:
    header = META.replace("NDims", "Modality = MET_MOD_CT\nNDims")
    assert read_itk(text_file(tmp_path / "a_T1.mha", header)).modality == "CT"
    assert read_itk(tmp_path / "a_T1.mha", "NM").modality == "NM"


# --- bad files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("compressed", [False, True])
def test_truncated_voxels_are_refused(tmp_path: Path, ending: str, compressed: bool) -> None:
    SimpleITK.WriteImage(image(), str(tmp_path / f"a.{ending}"), useCompression=compressed)
    voxel_file = max(tmp_path.iterdir(), key=lambda path: (path.suffix in (".raw", ".zraw", ".gz"), path))
    voxel_file.write_bytes(voxel_file.read_bytes()[:-20])
    refusal(tmp_path / f"a.{ending}", "incomplete", "Copy")


@pytest.mark.parametrize("ending", ["nrrd", "mha"])
def test_a_flipped_bit_in_compressed_voxels_is_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    SimpleITK.WriteImage(image(), str(path), useCompression=True)
    content = bytearray(path.read_bytes())
    content[-60] ^= 0x10
    path.write_bytes(bytes(content))
    refusal(path, "damaged", "Copy")


@pytest.mark.parametrize(("name", "header"), [("a.nrrd", NRRD), ("a.mha", META)])
def test_bytes_after_the_last_voxel_are_warned_of(tmp_path: Path, name: str, header: str) -> None:
    path = text_file(tmp_path / name, header)
    path.write_bytes(path.read_bytes() + bytes(9))
    assert read_itk(path).findings[0].value == "9 bytes"
    assert sorted(read_itk(path).data.ravel()) == voxels().ravel().tolist()


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("a.nrrd", "space: left-posterior-superior\n", "", "orientation unknown"),
        ("a.nrrd", "space: left-posterior-superior", "space dimension: 3", "orientation unknown"),
        ("a.nrrd", "left-posterior-superior", "scanner-xyz", "not defined (space: scanner-xyz), orientation unknown"),
        ("a.nrrd", "space directions: (2,0,0) (0,3,0) (0,0,4)\n", "", "orientation unknown"),
        ("a.nrrd", "(0,0,4)", "(0,3,0)", "one plane"),
        ("a.nrrd", "encoding: raw", "encoding: ascii", "ascii"),
        ("a.nrrd", "encoding: raw\n", "", "damaged or incomplete"),
        ("a.nrrd", "type: short", "type: block", "block"),
        ("a.nrrd", "sizes: 7 6 5", "sizes: 7 6 -5", "7 x 6 x -5"),
        ("a.nrrd", "sizes: 7 6 5", "sizes: x", "damaged"),
        ("a.nrrd", "sizes: 7 6 5", "sizes: 30000 30000 30000", "30000"),
        ("a.nrrd", "sizes: 7 6 5", "sizes: 700 60 50", "420 of 4200000 bytes"),
        ("a.nrrd", "endian", 'space units: "m" "m" "m"\nendian', "measured in m"),
        ("a.nrrd", "endian", "byte skip: 9\nendian", "another file"),
        ("a.nrrd", "endian", "data file: b.raw\nendian", "b.raw"),
        ("a.nrrd", "endian", "data file: ../b.raw\nendian", "outside"),
        ("a.nrrd", "endian", "data file: /etc/passwd\nendian", "outside"),
        ("a.nrrd", "endian", "data file: C:\\b.raw\nendian", "outside"),
        ("a.nrrd", "endian", "data file: a%02d.raw 1 9 1\nendian", "several files"),
        ("a.nrrd", "endian", "data file: LIST\nendian", "several files"),
        ("a.nrrd", "NRRD0004", "NIFTI", "signature"),
        ("a.mha", "TransformMatrix = 1 0 0 0 1 0 0 0 1\n", "", "orientation unknown"),
        ("a.mha", "1 0 0 0 1 0 0 0 1", "1 0 0 0 1 0 0 1 0", "Export"),
        ("a.mha", "ElementSpacing = 2 3 4\n", "", "voxel size"),
        ("a.mha", "ElementSpacing = 2 3 4", "ElementSpacing = 2 0 4", "2 x 0 x 4"),
        ("a.mha", "BinaryData = True", "BinaryData = False", "text"),
        ("a.mha", "MET_SHORT", "MET_SHORT_ARRAY", "MET_SHORT_ARRAY"),
        ("a.mha", "DimSize = 7 6 5", "DimSize = 70 60 50", "420 of 420000 bytes"),
        ("a.mha", "DimSize = 7 6 5", "DimSize = 0 6 5", "0 x 6 x 5"),
        ("a.mha", "LOCAL", "b.raw", "b.raw"),
        ("a.mha", "LOCAL", "/etc/passwd", "outside"),
        ("a.mha", "LOCAL", "LIST", "several files"),
        ("a.mha", "ElementDataFile = LOCAL\n", "", "not a MetaImage"),
        ("a.mha", "NDims", "HeaderSize = -1\nNDims", "another file"),
    ],
)
def test_a_header_that_cannot_be_trusted_is_refused(tmp_path: Path, name: str, old: str, new: str, words: str) -> None:
    header = (NRRD if name.endswith("nrrd") else META).replace(old, new)
    assert header not in (NRRD, META)
    refusal(text_file(tmp_path / name, header), words)


@pytest.mark.parametrize("ending", ["nrrd", "mha"])
def test_frames_flat_images_and_vectors_are_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    SimpleITK.WriteImage(SimpleITK.Image([7, 6, 5, 4], SimpleITK.sitkFloat32), str(path))
    refusal(path, "orientation unknown" if ending == "nrrd" else "4 frames")
    SimpleITK.WriteImage(SimpleITK.Image([7, 6], SimpleITK.sitkFloat32), str(path))
    refusal(path, "orientation unknown" if ending == "nrrd" else "7 x 6")
    SimpleITK.WriteImage(SimpleITK.Image([7, 6, 5], SimpleITK.sitkVectorFloat32, 3), str(path))
    refusal(path, "3 values of type float32")
    SimpleITK.WriteImage(SimpleITK.Image([7, 6, 5], SimpleITK.sitkVectorUInt8, 2), str(path))
    refusal(path, "2 values")


@pytest.mark.parametrize("name", ["a.nrrd", "a.mha", "a.nhdr", "a.mhd"])
@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"NRRD0004", b"ObjectType = Image\n", b"a=b\n" * 9])
def test_anything_else_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    refusal(tmp_path / name)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    refusal(tmp_path / "no.nrrd", "Check its name")


@pytest.mark.parametrize("line", ["kinds: " + "domain " * 300, "foo: " + "9" * 5000, "9" * 5000])
def test_a_line_at_which_simpleitk_crashes_is_refused_before_it_sees_it(tmp_path: Path, line: str) -> None:
    """Its parser of NRRD copies such a line into 1 kB; the process would end with a segmentation fault."""
    refusal(text_file(tmp_path / "a.nrrd", NRRD.replace("encoding", f"{line}\nencoding")), "a line of", "characters")


def test_long_comments_and_keys_are_read(tmp_path: Path) -> None:
    long = NRRD.replace("encoding", f"# {'c' * 5000}\nSegmentation_ConversionParameters:={'k' * 5000}\nencoding")
    assert read_itk(text_file(tmp_path / "a.nrrd", long)).shape == (5, 6, 7)


def test_random_damage_of_the_header_never_ends_in_anything_but_a_volume_or_a_sentence(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    for name, header in (("a.nrrd", NRRD), ("a.mha", META)):
        good = header.encode() + voxels().astype("<i2").tobytes()
        for _ in range(300):
            content = bytearray(good)
            for at in rng.integers(0, len(header), rng.integers(1, 4)):
                content[at] = rng.integers(32, 127)
            (tmp_path / name).write_bytes(bytes(content))
            try:
                read_itk(tmp_path / name)
            except RefusedError as error:
                sentence = str(error)
                if name not in sentence:
                    pytest.fail(sentence)

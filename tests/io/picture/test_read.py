"""PNG, TIFF and JPEG: no bit lost, nothing turned silently."""

import hashlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, ImageOps

from napari_refusion.io.picture.read import read_image
from napari_refusion.io.write import write_png
from napari_refusion.volume.finding import RefusedError
from napari_refusion.volume.volume import Volume

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (6, 9), dtype=np.uint8)
COLOURS = RNG.integers(0, 256, (6, 9, 3), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (6, 9), dtype=np.uint16)
DEEP_COLOURS = RNG.integers(0, 65536, (6, 9, 3), dtype=np.uint16)
REAL = RNG.normal(size=(6, 9)).astype(np.float32)


def refusal(path: Path, *words: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read_image(path)
    for word in (path.name, *words):
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)
    assert " at 0x" not in str(caught.value)
    assert "(0x" not in str(caught.value)


def plane_of(path: Path) -> np.ndarray:
    return read_image(path).data[0]


def warned(volume: Volume) -> str:
    return " ".join(finding.sentence for finding in volume.findings if finding.level == "warn")


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG file."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def deep_png(path: Path, pixels: np.ndarray, colour_type: int) -> Path:
    """A PNG of 16 bits per colour, by the standard (Pillow cannot write it)."""
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, colour_type, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return path


# --- values ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_8_bit_grey_and_colours_are_divided_by_255(tmp_path: Path, name: str) -> None:
    for pixels in (GREY, COLOURS):
        Image.fromarray(pixels).save(tmp_path / name)
        assert np.array_equal(plane_of(tmp_path / name), pixels / np.float32(255))


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_16_bit_grey_keeps_all_its_levels(tmp_path: Path, name: str) -> None:
    Image.fromarray(DEEP).save(tmp_path / name)
    assert np.array_equal(np.round(plane_of(tmp_path / name) * 65535), DEEP)


def test_a_bitmap_under_the_name_of_a_jpeg_is_read(tmp_path: Path) -> None:
    pixels = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)
    Image.fromarray(pixels).save(tmp_path / "slice.jpg", format="BMP")
    np.testing.assert_allclose(read_image(tmp_path / "slice.jpg").data[0], pixels / 255, atol=1e-7)


def test_16_bit_colours_keep_all_their_levels(tmp_path: Path) -> None:
    deep_png(tmp_path / "a.png", DEEP_COLOURS, 2)
    tifffile.imwrite(tmp_path / "a.tif", DEEP_COLOURS, photometric="rgb")
    for name in ("a.png", "a.tif"):
        assert np.array_equal(np.round(plane_of(tmp_path / name) * 65535), DEEP_COLOURS)


@pytest.mark.parametrize(
    "pixels", [REAL, REAL.astype(np.float64), (REAL * 999).astype(np.int16), DEEP.astype(np.uint32)]
)
def test_grey_that_is_no_brightness_keeps_its_values(tmp_path: Path, pixels: np.ndarray) -> None:
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    assert np.array_equal(plane_of(tmp_path / "a.tif"), pixels.astype(np.float32))


def test_the_range_is_told(tmp_path: Path) -> None:
    Image.fromarray(DEEP).save(tmp_path / "a.png")
    (finding,) = read_image(tmp_path / "a.png").findings
    assert (finding.level, finding.value) == ("ok", "0 to 65535")


def test_nan_in_a_tiff_is_counted(tmp_path: Path) -> None:
    pixels = REAL.copy()
    pixels[2, 3] = np.nan
    tifffile.imwrite(tmp_path / "a.tif", pixels)
    volume = read_image(tmp_path / "a.tif")
    assert np.isnan(volume.data[0, 2, 3])
    assert "1 of 54" in warned(volume)


def test_black_and_white_is_0_and_1(tmp_path: Path) -> None:
    Image.fromarray(GREY > 99).save(tmp_path / "a.png")
    assert np.array_equal(plane_of(tmp_path / "a.png"), (GREY > 99).astype(np.float32))


def test_tiff_that_stores_black_as_high_is_inverted(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GREY, photometric="miniswhite")
    assert np.array_equal(np.round(plane_of(tmp_path / "a.tif") * 255), 255 - GREY)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_compressed_tiff_is_read_without_loss(tmp_path: Path, compression: str) -> None:
    for pixels, full in ((GREY, 255), (DEEP, 65535), (COLOURS, 255)):
        Image.fromarray(pixels).save(tmp_path / "a.tif", compression=compression)
        assert np.array_equal(np.round(plane_of(tmp_path / "a.tif") * full), pixels)


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "jpeg"])
def test_luma_and_chroma_of_a_tiff_become_the_colours_that_they_stand_for(
    tmp_path: Path, compression: str | None
) -> None:
    # TIFF 6.0, section 21; 8 bits of luma and chroma leave 2 of 255, JPEG at full quality another
    colours = np.full((16, 16, 3), (10, 100, 200), np.uint8)
    colours[8:] = (220, 30, 60)
    path = tmp_path / "luma.tif"
    best = {"quality": 100} if compression == "jpeg" else {}
    Image.fromarray(colours).convert("YCbCr").save(path, compression=compression, **best)
    with tifffile.TiffFile(path) as tiff:
        assert tiff.pages[0].photometric.name == "YCBCR"
    np.testing.assert_allclose(read_image(path).data[0] * 255, colours, atol=4)


def test_luma_of_other_coefficients_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "luma.tif"
    coefficients = (529, "2I", 3, (2126, 10000, 7152, 10000, 722, 10000), True)  # of high-definition television
    tifffile.imwrite(path, np.full((16, 16, 3), 90, np.uint8), photometric="ycbcr", extratags=[coefficients])
    with pytest.raises(RefusedError, match="YCBCR"):
        read_image(path)


def test_planar_tiff_is_read_like_interleaved(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.moveaxis(COLOURS, -1, 0), photometric="rgb", planarconfig="separate")
    assert np.array_equal(np.round(plane_of(tmp_path / "a.tif") * 255), COLOURS)


# --- colours --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_three_equal_colours_are_grey(tmp_path: Path, name: str) -> None:
    Image.fromarray(np.stack([GREY] * 3, -1)).save(tmp_path / name)
    volume = read_image(tmp_path / name)
    assert not volume.is_rgb
    assert np.array_equal(volume.data[0], GREY / np.float32(255))


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize(("alpha", "told"), [(255, False), (100, True)])
def test_transparency_is_dropped_and_told_where_there_is_any(tmp_path: Path, name: str, alpha: int, told: bool) -> None:
    Image.fromarray(np.dstack([COLOURS, np.full_like(GREY, alpha)])).save(tmp_path / name)
    volume = read_image(tmp_path / name)
    assert np.array_equal(volume.data[0], COLOURS / np.float32(255))
    assert ("is transparent" in warned(volume)) == told


def test_grey_with_transparency_is_grey(tmp_path: Path) -> None:
    Image.fromarray(np.dstack([GREY, GREY])).save(tmp_path / "a.png")
    volume = read_image(tmp_path / "a.png")
    assert np.array_equal(volume.data[0], GREY / np.float32(255))
    assert "is transparent" in warned(volume)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_a_palette_is_looked_up_and_told(tmp_path: Path, name: str) -> None:
    image = Image.fromarray(COLOURS).quantize(16)
    image.save(tmp_path / name)
    volume = read_image(tmp_path / name)
    assert np.array_equal(np.round(volume.data[0] * 255), np.asarray(image.convert("RGB")))
    assert "palette" in warned(volume)


# --- place ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_as_pillow_does_and_told(tmp_path: Path, name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(COLOURS).save(tmp_path / "a.png", exif=exif)
    if name == "a.tif":
        tifffile.imwrite(tmp_path / name, COLOURS, photometric="rgb", extratags=[(274, 3, 1, orientation, True)])
    expected = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "a.png")))
    volume = read_image(tmp_path / name)
    assert np.array_equal(np.round(volume.data[0] * 255), expected)
    assert (f"orientation {orientation}" in warned(volume)) == (orientation != 1)


def test_deep_colours_of_a_png_are_turned_too(tmp_path: Path) -> None:
    """EXIF 2.3, tag 0x0112: with 3 the picture is upside down; the chunk ``eXIf`` holds it (w3.org/TR/png-3)."""
    exif = Image.Exif()
    exif[0x0112] = 3
    path = deep_png(tmp_path / "a.png", DEEP_COLOURS, 2)
    with_chunk(path, b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0"))
    assert np.array_equal(np.round(plane_of(path) * 65535), DEEP_COLOURS[::-1, ::-1])


def test_rows_run_to_the_back_and_columns_to_the_left_1_mm_apart(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "a.png")
    volume = read_image(tmp_path / "a.png")
    assert volume.shape == (1, 6, 9)
    assert volume.is_photograph
    assert volume.stored_axes == ("I", "P", "L")
    assert volume.spacing == (1, 1, 1)
    assert np.array_equal(volume.affine @ [0, 1, 0, 1], [0, -1, 0, 1])
    assert np.array_equal(volume.affine @ [0, 0, 1, 1], [-1, 0, 0, 1])
    assert volume.origin.sha256 == hashlib.sha256((tmp_path / "a.png").read_bytes()).hexdigest()


def test_what_is_written_as_png_is_read_back(tmp_path: Path) -> None:
    for number, pixels in enumerate((GREY, COLOURS)):
        Image.fromarray(pixels).save(tmp_path / "in.png")
        volume = read_image(tmp_path / "in.png")
        write_png(volume, tmp_path / f"out{number}.png")
        assert np.array_equal(read_image(tmp_path / f"out{number}.png").data, volume.data)


def test_the_modality_comes_from_the_name_or_the_user(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "c10_PET_3.png")
    assert read_image(tmp_path / "c10_PET_3.png").modality == "PT"
    assert read_image(tmp_path / "c10_PET_3.png", "NM").modality == "NM"


# --- refused --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str) -> None:
    pixels = RNG.integers(0, 256, (64, 64), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    for share in (0.0, 0.01, 0.1, 0.5, 0.9):
        (tmp_path / name).write_bytes(content[: int(len(content) * share)])
        refusal(tmp_path / name, "Export")


def test_a_flipped_bit_in_a_png_is_refused(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "a.png")
    content = bytearray((tmp_path / "a.png").read_bytes())
    content[60] ^= 4
    (tmp_path / "a.png").write_bytes(bytes(content))
    refusal(tmp_path / "a.png", "damaged")


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.jpeg"])
@pytest.mark.parametrize("content", [b"", b"text" * 50, b"GIF89a" + bytes(50), b"II*\0" + bytes(50)])
def test_anything_else_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    refusal(tmp_path / name)


@pytest.mark.parametrize(
    ("tag", "value"),
    [(256, 0), (257, 0), (257, 200), (257, 3), (256, 300), (256, 5), (258, 0), (262, 99), (273, 2**20)],
)
def test_a_tiff_with_a_damaged_tag_is_refused_in_words_and_in_silence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], tag: int, value: int
) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, GREY, photometric="minisblack")
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        tiff.pages.first.tags[tag].overwrite(value)
    refusal(path)
    assert capfd.readouterr().err == ""


def test_random_damage_of_a_tiff_ends_in_a_picture_or_a_sentence(tmp_path: Path) -> None:
    rng, path = np.random.default_rng(5), tmp_path / "a.tif"
    tifffile.imwrite(path, GREY, photometric="minisblack")
    good = path.read_bytes()
    for _ in range(400):
        content = bytearray(good)
        for at in rng.integers(0, 300, rng.integers(1, 5)):
            content[at] = rng.integers(256)
        path.write_bytes(bytes(content))
        try:
            read_image(path)
        except RefusedError as error:
            assert "a.tif" in str(error)  # noqa: PT017


def test_several_pages_are_refused_with_how_many(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.stack([GREY] * 4), photometric="minisblack")
    refusal(tmp_path / "a.tif", "4 images", "NIfTI")
    tifffile.imwrite(tmp_path / "b.tif", np.stack([GREY] * 3), imagej=True)
    refusal(tmp_path / "b.tif", "3 images")


def test_of_a_photograph_with_a_preview_behind_it_the_photograph_is_read_and_it_is_told(tmp_path: Path) -> None:
    photograph, preview = Image.fromarray(np.full((32, 48), 90, np.uint8)), Image.fromarray(np.zeros((8, 12), np.uint8))
    photograph.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[preview])
    volume = read_image(tmp_path / "a.jpg", "MR")
    np.testing.assert_allclose(volume.data, np.full((1, 32, 48), 90 / 255), atol=1.5 / 255)
    (found,) = [one for one in volume.findings if "further image" in one.sentence]
    assert found.level == "warn"


def test_a_moving_png_is_refused(tmp_path: Path) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    frames[0].save(tmp_path / "a.png", save_all=True, append_images=frames[1:])
    refusal(tmp_path / "a.png", "2 images")


def test_print_colours_and_16_bit_grey_with_transparency_are_refused(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).convert("CMYK").save(tmp_path / "a.jpg")
    refusal(tmp_path / "a.jpg", "CMYK", "RGB")
    Image.fromarray(COLOURS).convert("CMYK").save(tmp_path / "a.tif")
    refusal(tmp_path / "a.tif", "SEPARATED")
    deep_png(tmp_path / "a.png", np.dstack([DEEP, DEEP]), 4)
    refusal(tmp_path / "a.png", "transparency")


def test_colours_beyond_brightness_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", COLOURS.astype(np.float32), photometric="rgb")
    refusal(tmp_path / "a.tif", "instead of 0 to 1")


def test_more_pixels_than_a_slice_has_are_refused(tmp_path: Path) -> None:
    Image.new("L", (9000, 9000)).save(tmp_path / "a.png")
    refusal(tmp_path / "a.png", "9000 x 9000")
    content = (tmp_path / "a.png").read_bytes()
    head = content[12:16] + struct.pack(">II", 60000, 60000) + content[24:29]
    (tmp_path / "a.png").write_bytes(content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:])
    refusal(tmp_path / "a.png")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    refusal(tmp_path / "a.png", "Check its name")


def test_real_slices_are_read_as_pillow_reads_them(shared: Path) -> None:
    for folder in ("mif/devtest/MRI-PET", "ivif/devtest"):
        for path in sorted((shared / "data" / folder).rglob("*.*g"))[::20]:
            pixels = np.asarray(Image.open(path))
            data = read_image(path).data[0]
            assert np.array_equal(np.round(data * 255), pixels if data.ndim == pixels.ndim else pixels[..., 0])


# --- how many bits are used -----------------------------------------------------------------------------------------

TWELVE = RNG.integers(0, 4096, (6, 9), dtype=np.uint16)
TWELVE[0, 0] = 4000


def with_chunk(path: Path, name: bytes, content: bytes) -> Path:
    """A PNG file with one more chunk behind its header."""
    whole = path.read_bytes()
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    path.write_bytes(whole[:33] + chunk + whole[33:])
    return path


@pytest.mark.parametrize(("bits", "full"), [(12, 4095), (10, 1023), (14, 16383), (16, 65535)])
def test_a_png_that_states_its_bits_is_divided_by_them(tmp_path: Path, bits: int, full: int) -> None:
    pixels = np.minimum(TWELVE, full)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    volume = read_image(with_chunk(tmp_path / "a.png", b"sBIT", bytes([bits])))
    assert np.array_equal(np.round(volume.data[0] * full), pixels)
    assert not volume.is_depth_unknown


def test_a_png_whose_bits_are_scaled_up_as_the_standard_asks_is_divided_by_all(tmp_path: Path) -> None:
    Image.fromarray(TWELVE * 16).save(tmp_path / "a.png")
    volume = read_image(with_chunk(tmp_path / "a.png", b"sBIT", b"\x0c"))
    assert np.array_equal(np.round(volume.data[0] * 65535), TWELVE * 16)


def test_deep_colours_state_their_bits_too(tmp_path: Path) -> None:
    deep_png(tmp_path / "a.png", DEEP_COLOURS // 16, 2)
    volume = read_image(with_chunk(tmp_path / "a.png", b"sBIT", b"\x0c\x0c\x0c"))
    assert np.array_equal(np.round(volume.data[0] * 4095), DEEP_COLOURS // 16)


@pytest.mark.parametrize(("tag", "value", "full"), [(341, 4095, 4095), (341, 4000, 4000), (281, 4000, 4095)])
def test_a_tiff_that_states_its_highest_value_is_divided_by_it(tmp_path: Path, tag: int, value: int, full: int) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.minimum(TWELVE, 4000), extratags=[(tag, 3, 1, value, True)])
    volume = read_image(tmp_path / "a.tif")
    assert np.array_equal(np.round(volume.data[0] * full), np.minimum(TWELVE, 4000))
    assert not volume.is_depth_unknown


def test_a_tiff_brighter_than_it_states_is_said(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", DEEP, extratags=[(341, 3, 1, 300, True)])
    volume = read_image(tmp_path / "a.tif")
    assert np.array_equal(np.round(volume.data[0] * 65535), DEEP)
    assert "states 300" in warned(volume)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize(("highest", "is_unknown"), [(1023, True), (4095, True), (16383, True), (40000, False)])
def test_a_picture_that_uses_few_of_16_bits_and_does_not_say_so_is_marked(
    tmp_path: Path, name: str, highest: int, is_unknown: bool
) -> None:
    pixels = (np.arange(54).reshape(6, 9) / 53 * highest).astype(np.uint16)
    Image.fromarray(pixels).save(tmp_path / name)
    assert read_image(tmp_path / name).is_depth_unknown == is_unknown


def test_a_dark_picture_of_8_bits_and_one_in_numbers_are_what_they_are(tmp_path: Path) -> None:
    Image.fromarray(GREY // 16).save(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "b.tif", np.abs(REAL) / 100)
    assert not read_image(tmp_path / "a.png").is_depth_unknown
    assert not read_image(tmp_path / "b.tif").is_depth_unknown


def test_brightness_has_no_unit_whatever_stands_beside(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "a_pet.png")
    (tmp_path / "a_pet.json").write_text('{"Units": "kBq/ml"}')
    volume = read_image(tmp_path / "a_pet.png")
    assert volume.unit == ""
    assert volume.data.max() <= 1


@pytest.mark.parametrize("is_big", [False, True])
@pytest.mark.parametrize("back_to", [0, 1])
def test_pages_that_follow_one_another_in_a_circle_are_refused(tmp_path: Path, is_big: bool, back_to: int) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, bigtiff=is_big, byteorder="<") as writer:
        for _ in range(2):
            writer.write(np.full((8, 8), 90, np.uint8), contiguous=False)
    with tifffile.TiffFile(path) as tiff:
        places = [page.offset for page in tiff.pages]
    count, entry, form = ("Q", 20, "<Q") if is_big else ("H", 12, "<I")
    content = bytearray(path.read_bytes())
    (entries,) = struct.unpack_from(f"<{count}", content, places[1])
    struct.pack_into(form, content, places[1] + struct.calcsize(f"<{count}") + entry * entries, places[back_to])
    path.write_bytes(content)
    with pytest.raises(RefusedError, match="pages follow one another in a circle"):
        read_image(path)


@pytest.mark.parametrize(("gamma", "is_told"), [(45455, False), (100000, True)])
def test_a_png_whose_values_follow_another_curve_than_a_screen_is_told(
    tmp_path: Path, gamma: int, is_told: bool
) -> None:
    """The chunk ``gAMA`` holds the exponent times 100,000 (w3.org/TR/png-3, 11.3.2.2)."""
    for path in (tmp_path / "a.png", deep_png(tmp_path / "deep.png", DEEP_COLOURS, 2)):
        if path.name == "a.png":
            Image.fromarray(COLOURS).save(path)
        with_chunk(path, b"gAMA", struct.pack(">I", gamma))
        assert ("exponent of 1 " in warned(read_image(path))) == is_told


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif", "deep.png"])
@pytest.mark.parametrize(("space", "is_told"), [("sRGB", False), ("XYZ", True)])
def test_colours_of_another_profile_than_a_screen_are_told(
    tmp_path: Path, name: str, space: str, is_told: bool
) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile(space)).tobytes()
    path = tmp_path / name
    if name == "a.tif":
        tifffile.imwrite(path, COLOURS, photometric="rgb", iccprofile=profile)
    elif name == "deep.png":
        deep_png(path, DEEP_COLOURS, 2)
        with_chunk(path, b"iCCP", b"profile\0\0" + zlib.compress(profile))
    else:
        Image.fromarray(COLOURS).save(path, icc_profile=profile)
    assert ("colour profile" in warned(read_image(path))) == is_told


def test_a_profile_that_cannot_be_read_is_told_and_one_of_grey_is_not(tmp_path: Path) -> None:
    Image.fromarray(COLOURS).save(tmp_path / "a.png", icc_profile=b"nothing")
    assert "an unreadable colour profile" in warned(read_image(tmp_path / "a.png"))
    Image.fromarray(GREY).save(tmp_path / "grey.png", icc_profile=b"nothing")
    assert not warned(read_image(tmp_path / "grey.png"))

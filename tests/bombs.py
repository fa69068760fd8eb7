"""Files of a few bytes to a few megabytes that would take gigabytes, or for ever, to be read; one function for each."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import nibabel
import numpy as np
from PIL import Image
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from tests import dicom_series as phantom

MB: Final = 2**20


def packing(window: int = zlib.MAX_WBITS) -> "zlib._Compress":
    """Return what packs zeros as closely as any other way, in half the time; see `zlib.compressobj` for the window."""
    return zlib.compressobj(9, zlib.DEFLATED, window, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)


def zeros(packer: "zlib._Compress", megabytes: int) -> Iterator[bytes]:
    """Yield so many megabytes of zeros, compressed."""
    for _ in range(megabytes):
        yield packer.compress(bytes(MB))
    yield packer.flush()


def deflated_dicom(folder: Path) -> Path:
    """Return an image of 2 MB whose private element of 2 GB was deflated."""
    image, packer = phantom.series()[0], packing(-zlib.MAX_WBITS)
    plain = folder / "plain"
    del image.PixelData
    phantom.write_file(plain, image)
    content = plain.read_bytes()
    plain.unlink()
    begin = 144 + struct.unpack_from("<I", content, 140)[0]
    meta = content[:begin].replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    # two more bytes in the transfer syntax, and so in the length of its element and of the group
    at = meta.index(b"1.2.840.10008.1.2.1.99")
    meta = meta[: at - 2] + struct.pack("<H", 22) + meta[at:]
    meta = meta[:140] + struct.pack("<I", len(meta) - 144) + meta[144:]
    long = struct.pack("<HH2sHI", 0x7FDF, 0x1001, b"OB", 0, 2000 * MB)
    with (folder / "deflated.dcm").open("wb") as file:
        file.write(meta + packer.compress(content[begin:] + long))
        file.writelines(zeros(packer, 2000))
    return folder / "deflated.dcm"


def many_frames(folder: Path) -> Path:
    """Return an enhanced image of 8 frames that claims 19,999."""
    image = phantom.multi_frame()
    image.NumberOfFrames = 19_999
    phantom.write_file(folder / "frames.dcm", image)
    return folder / "frames.dcm"


def many_frames_without_groups(folder: Path) -> Path:
    """Return a SPECT of 8 frames that claims 19,999."""
    image = phantom.spect()
    image.NumberOfFrames = 19_999
    phantom.write_file(folder / "spect.dcm", image)
    return folder / "spect.dcm"


def many_compressed_frames(folder: Path) -> Path:
    """Return a SPECT that claims 19,999 compressed frames and has one."""
    image = phantom.spect()
    image.NumberOfFrames = 19_999
    image.PixelData = struct.pack("<HHIHHI", 0xFFFE, 0xE000, 0, 0xFFFE, 0xE000, 64) + bytes(64)
    image["PixelData"].is_undefined_length = True
    phantom.write_file(folder / "rle.dcm", image, RLELossless)
    return folder / "rle.dcm"


def large_compressed_frame(folder: Path) -> Path:
    """Return an image of a few bytes that claims 65,000 rows and columns."""
    image = phantom.series()[0]
    image.Rows = image.Columns = 65_000
    image.PixelData = struct.pack("<HHIHHI", 0xFFFE, 0xE000, 0, 0xFFFE, 0xE000, 64) + bytes(64)
    image["PixelData"].is_undefined_length = True
    phantom.write_file(folder / "rows.dcm", image, RLELossless)
    return folder / "rows.dcm"


def large_codestream(folder: Path) -> Path:
    """Return a JPEG 2000 image of 64 rows and columns whose compressed data declare 60,000."""
    image = phantom.series()[0]
    image.Rows = image.Columns = 64
    image.PixelData = np.arange(64 * 64, dtype=np.uint16).tobytes()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.compress(JPEG2000Lossless)
    size, larger = struct.pack(">II", 64, 64), struct.pack(">II", 60_000, 60_000)
    at = image.PixelData.index(b"\xff\x4f\xff\x51") + 8
    content = bytearray(image.PixelData)
    for place in (at, at + 16):  # of the image, and of its one tile
        assert content[place : place + 8] == size
        content[place : place + 8] = larger
    image.PixelData = bytes(content)
    phantom.write_file(folder / "j2k.dcm", image, JPEG2000Lossless)
    return folder / "j2k.dcm"


def nested_sequences(folder: Path) -> Path:
    """Return an image whose sequences lie 20,000 deep in one another."""
    return _nested(folder / "nested.dcm", (0x7FDF, 0x1001))


def nested_directory(folder: Path) -> Path:
    """Return a DICOMDIR whose records lie 20,000 deep in one another."""
    return _nested(folder / "DICOMDIR", (0x0004, 0x1220))


def _nested(file: Path, tag: tuple[int, int]) -> Path:
    image = phantom.series()[0]
    del image.PixelData
    phantom.write_file(file, image)
    head = struct.pack("<HH2sHIHHI", *tag, b"SQ", 0, 0xFFFFFFFF, 0xFFFE, 0xE000, 0xFFFFFFFF)
    file.write_bytes(file.read_bytes() + head * 20_000)
    return file


def zipped(folder: Path) -> Path:
    """Return an archive of 3 MB that unpacks to 3 GB."""
    begin, packer = bytes(128) + b"DICM", packing(-zlib.MAX_WBITS)
    packed = b"".join([packer.compress(begin), *zeros(packer, 1000)])
    checksum = zlib.crc32(begin)
    for _ in range(1000):
        checksum = zlib.crc32(bytes(MB), checksum)
    with zipfile.ZipFile(folder / "bomb.zip", "w") as archive:
        for number in range(3):
            name = f"{number}.dcm"
            archive.writestr(name, packed)
            # packed already: its entry in the directory of the archive says so
            entry = archive.getinfo(name)
            entry.compress_type, entry.file_size, entry.CRC = zipfile.ZIP_DEFLATED, len(begin) + 1000 * MB, checksum
    return folder / "bomb.zip"


def _nifti_header(shape: tuple[int, ...]) -> bytes:
    header = nibabel.Nifti1Header()
    header.set_data_shape(shape)
    header.set_data_dtype(np.uint8)
    header.set_sform(np.eye(4), 1)
    header["vox_offset"], header["magic"] = 352, b"n+1\0"
    return bytes(header.binaryblock) + bytes(4)


def nifti_size(folder: Path) -> Path:
    """Return a NIfTI file of 352 bytes that declares 32,000 voxels along every axis."""
    (folder / "size.nii").write_bytes(_nifti_header((32_000, 32_000, 32_000)))
    return folder / "size.nii"


def nifti_gzip(folder: Path) -> Path:
    """Return a NIfTI file of 2 MB that declares 2 GB and holds them, as zeros."""
    with (folder / "declared.nii.gz").open("wb") as file:
        packer = packing(31)
        file.write(packer.compress(_nifti_header((1000, 1000, 1000, 2))))
        file.writelines(zeros(packer, 1908))
    return folder / "declared.nii.gz"


def nifti_surplus(folder: Path) -> Path:
    """Return a NIfTI file of 2 MB that declares 1 kB and goes on for 2 GB."""
    with (folder / "surplus.nii.gz").open("wb") as file:
        packer = packing(31)
        file.write(packer.compress(_nifti_header((10, 10, 10))))
        file.writelines(zeros(packer, 2000))
    return folder / "surplus.nii.gz"


def mgh_size(folder: Path) -> Path:
    """Return an MGH file of 284 bytes that declares 2 billion voxels along every axis."""
    header = struct.pack(">7ih", 1, 2_000_000_000, 2_000_000_000, 2_000_000_000, 1, 0, 0, 1)
    (folder / "size.mgh").write_bytes(header + bytes(284 - len(header)))
    return folder / "size.mgh"


def nrrd_gzip(folder: Path) -> Path:
    """Return an NRRD file of 2 MB that declares 2 GB and holds them, as zeros."""
    text = (
        "NRRD0004\ntype: uchar\ndimension: 4\nspace: left-posterior-superior\nsizes: 1000 1000 1000 2\n"
        "space directions: (1,0,0) (0,1,0) (0,0,1) none\nkinds: domain domain domain list\nencoding: gzip\n"
        "space origin: (0,0,0)\n\n"
    )
    with (folder / "bomb.nrrd").open("wb") as file:
        file.write(text.encode())
        file.writelines(zeros(packing(31), 1908))
    return folder / "bomb.nrrd"


def nrrd_size(folder: Path) -> Path:
    """Return an NRRD file of a few bytes that declares a million voxels along every axis."""
    text = (
        "NRRD0004\ntype: uchar\ndimension: 3\nspace: left-posterior-superior\nsizes: 1000000 1000000 1000000\n"
        "space directions: (1,0,0) (0,1,0) (0,0,1)\nencoding: raw\nspace origin: (0,0,0)\n\n"
    )
    (folder / "size.nrrd").write_text(text)
    return folder / "size.nrrd"


def meta_lines(folder: Path) -> Path:
    """Return a MetaImage file whose header has 260,000 lines."""
    (folder / "lines.mha").write_text("".join(f"a{number} = 1\n" for number in range(260_000)))
    return folder / "lines.mha"


def meta_size(folder: Path) -> Path:
    """Return a MetaImage file of a few bytes that declares a million voxels along every axis."""
    text = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nTransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\n"
        "ElementSpacing = 1 1 1\nDimSize = 1000000 1000000 1000000\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"
    )
    (folder / "size.mha").write_text(text)
    return folder / "size.mha"


def png(folder: Path) -> Path:
    """Return a PNG of 400 kB with 20,000 rows and columns."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    pixels = b"".join(zeros(packing(), 382))
    head = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 0, 0, 0, 0)
    content = chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    (folder / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    return folder / "bomb.png"


def png_text(folder: Path) -> Path:
    """Return a PNG of 2 MB, 4 pixels and 2 GB of compressed text."""
    written = io.BytesIO()
    Image.new("L", (2, 2)).save(written, "PNG")
    content = written.getvalue()
    text = b"Comment\0\0" + b"".join(zeros(packing(), 2000))
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    (folder / "text.png").write_bytes(content[:33] + chunk + content[33:])
    return folder / "text.png"


def _tiff(entries: list[tuple[int, int, int, int]], following: int = 0, tail: bytes = b"") -> bytes:
    content = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries))
    content += b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return content + struct.pack("<I", following) + tail


def tiff_circle(folder: Path) -> Path:
    """Return a TIFF file whose page names itself as the next."""
    (folder / "circle.tif").write_bytes(_tiff([(256, 3, 1, 4), (257, 3, 1, 4)], following=8))
    return folder / "circle.tif"


def tiff_size(folder: Path) -> Path:
    """Return a TIFF file of a few bytes that declares 100,000 rows and columns, deflated."""
    pixels = zlib.compress(bytes(MB))
    tags = [(256, 4, 1, 100_000), (257, 4, 1, 100_000), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    place = 8 + 2 + 12 * 8 + 4
    tags += [(273, 4, 1, place), (278, 4, 1, 100_000), (279, 4, 1, len(pixels))]
    (folder / "size.tif").write_bytes(_tiff(tags, tail=pixels))
    return folder / "size.tif"


def jpeg_size(folder: Path) -> Path:
    """Return a JPEG file of a few bytes that declares 65,000 rows and columns."""
    written = io.BytesIO()
    Image.new("L", (8, 8)).save(written, "JPEG")
    content = written.getvalue()
    place = content.index(b"\xff\xc0") + 5
    (folder / "size.jpg").write_bytes(content[:place] + struct.pack(">HH", 65_000, 65_000) + content[place + 4 :])
    return folder / "size.jpg"


def weird_sidecar(folder: Path) -> Path:
    """Return a NIfTI file that ends early beside a description that nests 100,000 lists."""
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "deep.nii.gz").write_bytes(gzip.compress(_nifti_header((64, 64, 64))))
    return folder / "deep.nii.gz"


BOMBS: Final[Mapping[str, Callable[[Path], Path]]] = MappingProxyType(
    {
        "deflated DICOM, 2 MB to 2 GB": deflated_dicom,
        "enhanced DICOM, 8 of 19,999 frames": many_frames,
        "SPECT, 8 of 19,999 frames": many_frames_without_groups,
        "SPECT, 1 of 19,999 compressed frames": many_compressed_frames,
        "DICOM of 65,000 x 65,000, compressed": large_compressed_frame,
        "JPEG 2000 of 60,000 x 60,000 as 64 x 64": large_codestream,
        "DICOM, sequences 20,000 deep": nested_sequences,
        "DICOMDIR, records 20,000 deep": nested_directory,
        "zip, 3 MB to 3 GB": zipped,
        "NIfTI header, 32,000 voxels cubed": nifti_size,
        "gzip NIfTI, 2 MB to 2 GB declared": nifti_gzip,
        "gzip NIfTI, 2 MB to 2 GB undeclared": nifti_surplus,
        "MGH header, 2 billion voxels cubed": mgh_size,
        "gzip NRRD, 2 MB to 2 GB": nrrd_gzip,
        "NRRD header, a million voxels cubed": nrrd_size,
        "MetaImage, 260,000 header lines": meta_lines,
        "MetaImage header, a million voxels cubed": meta_size,
        "PNG of 20,000 x 20,000": png,
        "PNG with 2 GB of text": png_text,
        "TIFF, pages in a circle": tiff_circle,
        "TIFF of 100,000 x 100,000, deflated": tiff_size,
        "JPEG of 65,000 x 65,000": jpeg_size,
        "cut NIfTI, description 100,000 lists deep": weird_sidecar,
    }
)
"""What it is -> writes it into a folder and returns its path."""

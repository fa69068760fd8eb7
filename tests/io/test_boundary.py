"""Whatever a decoder throws becomes a sentence that names the file; what no decoder throws passes."""

import gzip
import zlib
from pathlib import Path

import pytest

from napari_refusion.io import listing
from napari_refusion.io import open as opening
from napari_refusion.io.boundary import bounded, decoding, reason
from napari_refusion.io.dicom.scan import scan
from napari_refusion.io.formats import FORMATS
from napari_refusion.volume.finding import RefusedError, refuse

FILE = Path("folder/a.nii")


class PanicError(BaseException):
    """What a codec in Rust throws: no Exception."""


THROWN = [
    *(ValueError("odd"), TypeError(), ZeroDivisionError("x"), KeyError("tag"), NotImplementedError(), StopIteration()),
    *(MemoryError(), RecursionError("deep"), EOFError(), zlib.error("bad"), gzip.BadGzipFile("crc"), OSError(5, "i")),
    *(AssertionError(), UnicodeDecodeError("utf-8", b"x", 0, 1, "no"), SystemError("c"), PanicError("index")),
]


@pytest.mark.parametrize("thrown", THROWN, ids=lambda one: type(one).__name__)
def test_what_a_decoder_throws_becomes_one_sentence_and_stays_its_cause(thrown: BaseException) -> None:
    with pytest.raises(RefusedError, match=r"a\.nii") as caught, decoding(FILE):
        raise thrown
    assert caught.value.__cause__ is thrown
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("passing", [KeyboardInterrupt(), SystemExit(3), GeneratorExit(), refuse("file", "Said.")])
def test_what_no_decoder_throws_passes_as_it_is(passing: BaseException) -> None:
    with pytest.raises(type(passing)) as caught, decoding(FILE):
        raise passing
    assert caught.value is passing


def test_ctrl_c_while_a_module_is_imported_is_no_fault_of_the_file() -> None:
    """Python 3.11 makes another error of it where a class is being made; it was told as a damaged file."""

    class Stopping:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), decoding(FILE):
        type("Imported", (), {"part": Stopping()})


def test_the_first_of_several_files_is_named() -> None:
    @bounded
    def read(paths: tuple[Path, ...]) -> None:
        raise PanicError

    with pytest.raises(RefusedError, match=r"a\.nii"):
        read((FILE, Path("b.nii")))


def test_what_a_decoder_said_is_one_short_line_without_addresses() -> None:
    assert reason(ValueError("cannot read <_io.BytesIO object at 0x7f00aa>\nsecond line")) == "cannot read"
    assert reason(ValueError()) == "ValueError"
    assert len(reason(ValueError("x" * 10_000))) <= 120


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("thrown", [PanicError("index out of bounds"), TypeError("odd"), MemoryError()], ids=repr)
def test_reading_and_listing_stand_behind_it_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: object, thrown: BaseException
) -> None:
    from importlib import import_module

    from napari_refusion.io.formats import Format

    assert isinstance(kind, Format)
    file = tmp_path / f"a{kind.endings[0]}"
    file.write_bytes(b"xx")

    def broken(*_: object, **__: object) -> None:
        raise thrown

    module, _, lister = kind.lister.partition(":")
    for home, name in ((kind.module, kind.function), (kind.module, kind.reads_all), (module, lister)):
        if name:
            monkeypatch.setattr(import_module(home), name, broken)
    with pytest.raises(RefusedError, match=r"a\."):
        opening.open_volume(file)
    with pytest.raises(RefusedError, match=r"a\."):
        opening.open_volumes(file)
    if lister:
        with pytest.raises(RefusedError, match=r"a\."):
            listing.list_path(file)
    else:
        assert listing.list_path(file)[0].refusal


def test_a_dicom_parser_that_panics_leaves_the_other_files_of_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_refusion.io.dicom import image_file
    from tests import dicom_series as phantom

    folder = phantom.write(tmp_path / "s", phantom.series())
    bad = sorted(folder.iterdir())[0]
    read = image_file.read_dataset

    def panics(source: object, **options: bool) -> object:
        if getattr(source, "name", "") == str(bad):
            raise PanicError("index")
        return read(source, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(image_file, "read_dataset", panics)
    found = scan(folder)
    assert found.damaged == (bad,)
    assert "damaged" in found.faults[0].sentence
    assert sum(len(one.slices) for one in found.series) == phantom.SLICES - 1

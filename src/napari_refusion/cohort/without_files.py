"""Sentences about sources without what their files are called, which may be the patient: for pages and tables."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from zipfile import BadZipFile, ZipFile, is_zipfile

from napari_refusion.cohort.case_files import source_files
from napari_refusion.fusion.nameless import SHORT, without_names


def without_files(sources: Mapping[Path, str]) -> Callable[[str], str]:
    """Return what takes the names of sources and of the files in them out of a sentence.

    Parameters
    ----------
    sources
        Place of a source, a file or a folder -> what to call it, ``source a``; of one place the last word counts.
    """

    def plain(sentence: str) -> str:
        spoken, names = sentence.casefold(), dict[str, str]()
        for place, word in sources.items():
            inside = (name for name in _inside(place) if len(name) >= SHORT and name.casefold() in spoken)
            names |= dict.fromkeys(inside, f"a file of {word}")
        for place, word in sources.items():
            names |= {str(place): word, str(place.parent): "its folder"}
            names |= {name: word for name in (place.name, place.name.partition(".")[0]) if len(name) >= SHORT}
        return without_names(names)(sentence)

    return plain


def _inside(place: Path) -> Iterator[str]:
    """Yield what files of a source, and folders in it, are called; of an archive those that it holds."""
    with suppress(OSError, BadZipFile):  # it is told when the case is read
        if place.is_file() and is_zipfile(place):
            with ZipFile(place) as archive:
                yield from (part for name in archive.namelist() for part in Path(name).parts)
        for file in source_files(place):
            yield from file.relative_to(place if place.is_dir() else place.parent).parts

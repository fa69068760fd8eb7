"""Cases in folders: a BIDS tree, or a folder with one sub-folder for each case.

Images are found by their names and are not opened here, except that the headers of loose DICOM files are read.
"""

from pathlib import Path
from typing import Final

from napari_refusion.cohort.bids_tree import EVERYTHING, BidsChoice, in_bids, subjects
from napari_refusion.cohort.without_files import without_files
from napari_refusion.cohort.work_case import Found, WorkCase, Worklist, left_out, no_worklist, unreadable, work_case
from napari_refusion.io.formats import DICOM, ending, format_by_name, has_dicom_signature
from napari_refusion.io.identify import modality_from_name, stem
from napari_refusion.volume.finding import Finding, RefusedError

_LOOKED_AT: Final = 50
"""Files of a folder that are opened to find out whether it is a DICOM folder."""


def in_folder(folder: Path, choice: BidsChoice = EVERYTHING) -> Worklist:
    """Return the cases in a folder: by BIDS where it has folders named ``sub-``, else one for each sub-folder.

    In a BIDS tree every PET, SPECT or CT file is a case with the best anatomical image of the same session. Otherwise a
    sub-folder is a case if it has exactly two images or DICOM series; a folder with two images and nothing below it is
    one by itself.

    Parameters
    ----------
    choice
        What is taken of a BIDS tree.
    """
    try:
        below = [path for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith(".")]
        if subjects(folder):
            found = list(in_bids(folder, choice))
        elif _images(folder) and not any(_images(path) or _has_dicom(path) for path in below):
            found = [_plain(folder)]
        else:
            found = [_plain(path) for path in below]
    except OSError as error:
        return no_worklist(folder, f"it cannot be read ({error.strerror or error})")
    if not found:
        return no_worklist(folder, "it has no sub-folders and no images")
    cases = tuple(one for one in found if isinstance(one, WorkCase))
    return Worklist(cases, tuple(one for one in found if isinstance(one, Finding)))


def _plain(folder: Path) -> Found:
    """Return the case of a folder with two images, or why it is none; one that cannot be read is no other's fault."""
    try:
        return _with_two(folder)
    except OSError as error:
        return unreadable(folder.name, error)


def _with_two(folder: Path) -> Found:
    images = _images(folder)
    series = [path for path in sorted(folder.iterdir()) if path.is_dir() and _has_dicom(path)]
    sources = [*images, *series]
    if len(sources) == 2:
        return work_case(folder.name, [(path, modality_from_name(path)[0]) for path in sources])
    if not images and not series and _has_dicom(folder):
        return _two_series(folder)
    count = len(sources)
    reason = f"it has {count or 'no'} image{'' if count == 1 else 's'} or DICOM series, and a case needs two"
    return left_out(folder.name, reason, "Keep two in it, or name the pair in a manifest.", str(count))


def _two_series(folder: Path) -> Found:
    """Return the case of a folder with the loose files of two DICOM series."""
    from napari_refusion.io.dicom.scan import list_series

    try:
        modalities = [series.modality for series in list_series(folder)]
    except RefusedError as error:
        reason = without_files({folder: "its folder"})(str(error))
        return left_out(folder.name, reason.rstrip("."), "Send the series again.")
    if len(modalities) == 2 and modalities[0] != modalities[1]:
        return work_case(folder.name, [(folder, modality) for modality in modalities])
    reason = f"its DICOM files are {len(modalities)} series ({', '.join(modalities)}), and a case needs two modalities"
    remedy = "Put each series that you need into a folder of its own."
    if len(modalities) == 1:
        remedy = "Put the case's other series beside it, or, if that is there in a folder, name the folder above both."
    return left_out(folder.name, reason, remedy)


def _images(folder: Path) -> list[Path]:
    """Return the images directly in a folder, other than DICOM, sorted; of ``.hdr`` with ``.img`` the header."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
    headers = {stem(path) for path in files if ending(path) == ".hdr"}
    halves = [path for path in files if ending(path) == ".img" and stem(path) in headers]
    return [path for path in files if format_by_name(path) not in (None, DICOM) and path not in halves]


def _has_dicom(folder: Path) -> bool:
    """Return whether one of the first files of a folder carries the signature of DICOM."""
    files = [path for path in sorted(folder.iterdir()) if path.is_file()][:_LOOKED_AT]
    return any(has_dicom_signature(path) for path in files)

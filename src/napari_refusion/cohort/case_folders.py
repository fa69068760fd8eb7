"""Cases in folders: a BIDS tree, or a folder with one sub-folder for each case.

Images are found by their names and are not opened here, except that the headers of loose DICOM files are read.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from napari_refusion.cohort.work_case import WorkCase, Worklist, left_out, no_worklist, work_case
from napari_refusion.io.formats import DICOM, ending, format_by_name, has_dicom_signature
from napari_refusion.io.identify import modality_from_name, stem
from napari_refusion.volume.finding import Finding, RefusedError
from napari_refusion.volume.modality import MODALITIES

ANATOMY: Final = MODALITIES["MR"].bids
"""BIDS suffixes of anatomical images, the best one first."""

OTHERS: Final = {
    suffix: code for code, one in MODALITIES.items() if code != "MR" and one.place is not None for suffix in one.bids
}
"""BIDS suffix of what an anatomical image is fused with -> DICOM Modality."""

_LOOKED_AT: Final = 50
"""Files of a folder that are opened to find out whether it is a DICOM folder."""

Found = WorkCase | Finding


def in_folder(folder: Path) -> Worklist:
    """Return the cases in a folder: by BIDS where it has folders named ``sub-``, else one for each sub-folder.

    In a BIDS tree every PET, SPECT or CT file is a case with the best anatomical image of the same session. Otherwise a
    sub-folder is a case if it has exactly two images or DICOM series; a folder with two images and nothing below it is
    one by itself.
    """
    try:
        below = [path for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith(".")]
        subjects = [path for path in below if path.name.startswith("sub-")]
        if subjects:
            found = [one for subject in subjects for one in _subject(subject)]
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


def _subject(folder: Path) -> Iterator[Found]:
    """Yield the cases of a BIDS subject, session by session."""
    sessions = [path for path in sorted(folder.glob("ses-*")) if path.is_dir()] or [folder]
    anatomies = {session: _anatomy(session) for session in sessions}
    for session in sessions:
        label = folder.name if session == folder else f"{folder.name}_{session.name}"
        others = [path for path in _bids_images(session) if _bids_suffix(path) in OTHERS]
        anatomy = anatomies[session]
        if not others:
            yield left_out(label, "it has no PET, SPECT or CT (pet/*_pet, ct/*_ct)", "Add one if it is to be reviewed.")
        elif anatomy is None:
            elsewhere = [path.name for path in sessions if anatomies[path]]
            remedy = f"There is one in {elsewhere[0]}: name the pair in a manifest." if elsewhere else "Add it."
            yield left_out(label, f"it has no anatomical image ({', '.join(ANATOMY)})", remedy)
        else:
            for path in others:
                one = label if len(others) == 1 else stem(path)
                yield work_case(one, [(path, OTHERS[_bids_suffix(path)]), (anatomy, "MR")])


def _anatomy(session: Path) -> Path | None:
    """Return the best anatomical image of a session; of several runs the first."""
    images = [path for path in _bids_images(session) if _bids_suffix(path) in ANATOMY]
    return min(images, key=lambda path: (ANATOMY.index(_bids_suffix(path)), path.name), default=None)


def _bids_images(session: Path) -> list[Path]:
    """Return the NIfTI files of a session, of whatever data type, sorted."""
    return sorted(path for path in session.glob("*/*") if ending(path) in (".nii", ".nii.gz") and path.is_file())


def _bids_suffix(path: Path) -> str:
    return stem(path).rpartition("_")[2]


def _plain(folder: Path) -> Found:
    """Return the case of a folder with two images, or why it is none."""
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
    from napari_refusion.io.dicom.series import list_series

    try:
        modalities = [series.modality for series in list_series(folder)]
    except RefusedError as error:
        return left_out(folder.name, str(error).rstrip("."), "Send the series again.")
    if len(modalities) == 2 and modalities[0] != modalities[1]:
        return work_case(folder.name, [(folder, modality) for modality in modalities])
    reason = f"its DICOM files are {len(modalities)} series ({', '.join(modalities)}), and a case needs two modalities"
    return left_out(folder.name, reason, "Put each series that you need into a folder of its own.")


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

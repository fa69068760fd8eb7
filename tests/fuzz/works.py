"""What is interrupted, killed, and given a full disk: each work, and what must be true whatever happened to it."""

import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import nibabel
import numpy as np
from pydicom import dcmread

from napari_refusion.cli.main import app
from napari_refusion.fusion.fuse import Fused
from napari_refusion.io.dicom.export.objects import export_dicom
from napari_refusion.io.fused_files import FILES, fused_files
from napari_refusion.record.joining import join
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.signing import make_key, sign
from napari_refusion.record.store import Store
from napari_refusion.record.verify import verify_project
from napari_refusion.report.output import _write_nifti
from napari_refusion.report.page import write_report
from tests.fused_from_dicom import Case, case
from tests.recorded import RUN, at
from tests.reported import case_content
from tests.small_pair import untrained

Tell = Callable[[str], None]
"""Is called with each thing that was acknowledged: the identity of an event, the name of a file."""


@dataclass(frozen=True, slots=True)
class Work:
    """Something that writes."""

    prepare: Callable[[Path], None]
    """Puts into an empty folder what it needs."""
    run: Callable[[Path, Tell], None]
    """Does it once more; `RefusedError` or an exit with a sentence where it cannot."""
    fault: Callable[[Path, frozenset[str]], str]
    """What is mixed, half, or lost of what was acknowledged, in words; empty for nothing."""


def whole(folder: Path, record: str = "f.json") -> str:
    """Return what is wrong with a fused result: a record goes with its images and each image with its record."""
    files = {path.name: path for path in folder.iterdir() if path.name.startswith("f") and path.is_file()}
    if record not in files:
        return "" if not files else "an image without a record"
    named = json.loads(files.pop(record).read_text()).get(FILES)
    found = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    return "" if named == found else "a record beside the images of another fusion"


def _prepare_fuse(folder: Path) -> None:
    grid = np.arange(4 * 9 * 8).reshape(4, 9, 8) % 17
    for name, values in (("sub-1_pet", grid * 3.0), ("sub-1_T1w", (grid[::-1] + 1) * 40.0)):
        image = nibabel.Nifti1Image(values.astype(np.float32), np.diag([2.0, 2, 2, 1]))
        image.set_sform(np.diag([2.0, 2, 2, 1]), 1)
        image.set_qform(np.diag([2.0, 2, 2, 1]), 1)
        nibabel.save(image, folder / f"{name}.nii")
    untrained(folder)
    (folder / "out").mkdir()


_PALETTES = itertools.cycle(("pet", "none"))


def _fuse(folder: Path, tell: Tell) -> None:
    sources = [str(folder / f"sub-1_{name}.nii") for name in ("pet", "T1w")]
    options = ["-o", str(folder / "out" / "f.nii"), "--weights", str(folder / "untrained.safetensors"), "--overwrite"]
    stopped = app(["fuse", *sources, *options, "--colour", next(_PALETTES), "--device", "cpu"], standalone_mode=False)
    if stopped:
        raise SystemExit(stopped)
    tell("f.nii")


def _fuse_fault(folder: Path, _told: frozenset[str]) -> str:
    return whole(folder / "out")


def _write(folder: Path, tell: Tell) -> None:
    made = _case().fused
    coloured = made.volume.with_data(np.stack([made.volume.data] * 3, -1), "colours")
    colour = coloured if next(_PALETTES) == "pet" else None
    fused_files(folder / "f.nii").write(Fused(made.volume, made.provenance, colour), overwrite=True)
    tell("f.nii")


def _write_fault(folder: Path, _told: frozenset[str]) -> str:
    return whole(folder)


@cache
def _case() -> Case:
    return case(Path(mkdtemp(prefix="refusion-case-")))


def _next(folder: Path, name: str) -> Path:
    """Return a name that is not taken yet."""
    return next(path for number in itertools.count() if not (path := folder / f"{name}-{number}").exists())


def _export(folder: Path, tell: Tell) -> None:
    place = _next(folder, "objects")
    export_dicom(_case().fused, _case().references, place)
    tell(place.name)


def _export_fault(folder: Path, told: frozenset[str]) -> str:
    for place in folder.glob("objects-*"):
        if {path.name for path in place.iterdir()} != {"parametric_map.dcm", "secondary_capture.dcm", "blending.dcm"}:
            return f"{place.name} is not whole"
        if len({dcmread(path).StudyInstanceUID for path in place.iterdir()}) != 1:
            return f"{place.name} is mixed"
    return _missing(folder, told)


def _missing(folder: Path, told: Iterable[str]) -> str:
    gone = [name for name in told if not (folder / name).exists()]
    return f"{gone[0]} was acknowledged and is not there" if gone else ""


def _report(folder: Path, tell: Tell) -> None:
    place = _next(folder, "page").with_suffix(".html")
    place = place if not place.exists() else folder / f"page-{len(list(folder.iterdir()))}.html"
    write_report(_content(), place, overwrite=True)
    tell(place.name)


@cache
def _content():  # noqa: ANN202
    return case_content()


def _report_fault(folder: Path, told: frozenset[str]) -> str:
    for page in folder.glob("[!.]*.html"):  # a kill leaves hidden temporary files
        if not page.read_text(encoding="utf-8").rstrip().endswith("</html>"):
            return f"{page.name} is half written"
    return _missing(folder, told)


def _set(folder: Path, tell: Tell) -> None:
    place = _next(folder, "set")
    judged = {"identified": True, "check_failed": "", "case": place.name}
    list(_write_nifti(Fused(_case().fused.volume, _case().fused.provenance), judged, place))
    tell(place.name)


def _set_fault(folder: Path, told: frozenset[str]) -> str:
    for place in folder.glob("set-*"):
        if wrong := whole(place, "fused.json"):
            return f"{place.name}: {wrong}"
        if json.loads((place / "fused.json").read_text())["review"]["case"] != place.name:
            return f"{place.name} holds the record of another set"
    return _missing(folder, told)


def _prepare_project(folder: Path) -> None:
    open_project(folder / "one")
    with Store.open(folder / "one", "R1") as store:
        store.rows.keep_run(RUN)
    shutil.copytree(folder / "one", folder / "other")
    for name in ("one", "other"):
        with Store.open(folder / name, "R1") as store:
            for index in range(5):
                store.append(RUN.case_id, RUN.run_id, "comment", at(index, text=name))


def _event(folder: Path, tell: Tell) -> None:
    with Store.open(folder / "one", "R1") as store:
        for _ in range(3):
            tell(store.append(RUN.case_id, RUN.run_id, "comment", at(3, text="x" * 400)).event_id)


def _merge(folder: Path, tell: Tell) -> None:
    with Store.open(folder / "other", "R1") as store:
        for _ in range(3):
            tell(store.append(RUN.case_id, RUN.run_id, "comment", at(3, text="y" * 400)).event_id)
    list(join(open_project(folder / "one"), open_project(folder / "other")))


def _sign(folder: Path, _tell: Tell) -> None:
    key = folder / "key.pem"
    if not key.exists():
        make_key(key)
    with Store.open(folder / "one", "R1") as store:
        sign(store, key)


def _event_fault(folder: Path, told: frozenset[str]) -> str:
    """Return what is wrong with both copies of a project; an event is in one of them."""
    found: set[str] = set()
    for name in ("one", "other"):
        unsound = [one.words for one in verify_project(open_project(folder / name)) if not one.is_sound]
        if unsound:
            return f"{name}: {unsound[0]}"
        with Store.open(folder / name, "R1") as store:
            if store.findings or store.is_read_only:
                return f"{name}: {store.findings}"
            events = [event.event_id for event in store.all_events()]
            if len(events) != len(set(events)):
                return f"{name}: an event is there twice"
            found.update(events)
    return f"{len(told - found)} acknowledged events are lost" if told - found else ""


def _nothing(_folder: Path) -> None:
    """Prepare nothing."""


WORKS: Mapping[str, Work] = {
    "fuse": Work(_prepare_fuse, _fuse, _fuse_fault),
    "fused files": Work(_nothing, _write, _write_fault),
    "DICOM export": Work(_nothing, _export, _export_fault),
    "report": Work(_nothing, _report, _report_fault),
    "export of a set": Work(_nothing, _set, _set_fault),
    "review event": Work(_prepare_project, _event, _event_fault),
    "merge": Work(_prepare_project, _merge, _event_fault),
    "sign": Work(_prepare_project, _sign, _event_fault),
}

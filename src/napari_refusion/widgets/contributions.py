"""The functions that the manifest names: reader, writer, sample data."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from napari.utils.notifications import show_info, show_warning

from napari_refusion.cohort.case_manifest import NEEDED, is_manifest
from napari_refusion.io.dicom.files import is_directory_record
from napari_refusion.io.dicom.zipped import holds_dicom
from napari_refusion.io.formats import DICOM, claimed_endings, ending, has_dicom_signature
from napari_refusion.io.identify import stem
from napari_refusion.io.open import open_volume
from napari_refusion.session.saved.record import is_session
from napari_refusion.volume.finding import refuse
from napari_refusion.widgets.layer_marks import KEY, shown_volume
from napari_refusion.widgets.layers import LayerData, to_layer_data

_TABLES: Final = (".tsv", ".json")
"""Endings that the manifest of the plugin claims for lists of cases; most files with them are sidecars of images."""

_LOOKED_AT: Final = 100
"""Files of a folder that are inspected before it is left to other plugins."""


def get_reader(path: str | Sequence[str]) -> Callable[[str | Sequence[str]], list[LayerData]] | None:
    """Return the reader of a path or of several, None where one of them is not for this plugin."""
    paths = _listed(path)
    if len(paths) == 1 and is_session(paths[0]):
        return read_session
    if len(paths) == 1 and (is_manifest(paths[0]) or (ending(paths[0]) in _TABLES and paths[0].is_file())):
        return read_manifest
    ours = [one for one in paths if _is_ours(one)]
    # Beside images, a file without ending is one of them that was emptied or cut: the reader names it.
    beside = {one.parent for one in ours if _is_dicom(one)}
    lost = [one for one in paths if one not in ours and not ending(one) and one.parent in beside and one.is_file()]
    return read_layers if ours and len(ours) + len(lost) == len(paths) else None


def read_layers(path: str | Sequence[str]) -> list[LayerData]:
    """Return a layer for each file and for each series of a DICOM folder.

    Raises
    ------
    RefusedError
        If nothing can be read. What is refused beside something that can be read is shown as a warning.
    """
    from napari_refusion.widgets.opening.door import open_layers

    return open_layers(_listed(path), show_warning, show_info)


def read_session(path: str | Sequence[str]) -> list[Any]:
    """Return nothing for napari to add: the Fuse widget opens the session in a folder, in place of what is there.

    Raises
    ------
    RefusedError
        Where there is no window.
    """
    from napari import current_viewer

    from napari_refusion.widgets.fuse.opened import fuse_widget
    from napari_refusion.widgets.opening.next_turn import in_next_turn

    if (viewer := current_viewer()) is None:
        raise refuse("session", "Open the session in napari: there is no window here.")
    # napari is not done with opening before this returns
    in_next_turn(viewer, lambda: fuse_widget(viewer).sessions.open_from(_listed(path)[0]))
    return [(None,)]


def read_manifest(path: str | Sequence[str]) -> list[Any]:
    """Return nothing for napari to add: the cases of a manifest come into the worklist.

    Raises
    ------
    RefusedError
        If it is no manifest, or where there is no window.
    """
    from napari import current_viewer

    from napari_refusion.widgets.opening.next_turn import in_next_turn
    from napari_refusion.widgets.worklist.opened import worklist_of

    if not is_manifest(file := _listed(path)[0]):
        columns = ", ".join(NEEDED)
        sentence = (
            f"Open the image that it belongs to, or a list of cases with the columns {columns}; this is none: {file}"
        )
        raise refuse("worklist", sentence, str(file))
    if (viewer := current_viewer()) is None:
        raise refuse(
            "worklist", "Open the worklist in napari, or take `napari-refusion review list`: no window is here."
        )
    # napari is not done with opening before this returns
    in_next_turn(viewer, lambda: worklist_of(viewer, file))
    return [(None,)]


def write_layer(path: str, data: Any, meta: dict[str, Any]) -> list[str]:  # noqa: ANN401 - as napari calls it
    """Write an image layer as NIfTI in its true place; beside a fused one, the record of how it was made as JSON.

    The header of a source says its modality and unit: opened under any name, it is what it was. Of one whose voxels
    were changed since, by a filter or a threshold, it says the modality alone.

    The name is that of `saved_name.saved_as`. A JSON file of other origin is left alone.
    """
    from napari.layers import Image

    from napari_refusion.io.fused_files import write_recorded
    from napari_refusion.io.nifti.said import say
    from napari_refusion.io.write import research_only, write_nifti
    from napari_refusion.widgets.layer_image import from_layer
    from napari_refusion.widgets.saved_name import keep_unasked, saved_as

    layer = Image(data, **meta)
    target, overwrite = saved_as(path)
    provenance = layer.metadata.get(KEY, {}).get("provenance")
    failed = provenance.get("check_failed", "") if provenance else ""
    volume = from_layer(layer)
    # what is not fused may be a source again, and must not say that it is; a layer's name alone vouches for no modality
    is_read = shown_volume(layer) is not None
    is_changed = any(finding.rule == "voxels" for finding in volume.findings)
    told = say(volume.modality, "" if is_changed else volume.unit) if is_read else ""
    described = research_only(failed) if provenance else told
    beside = target.with_name(stem(target) + ".json")
    is_recorded = bool(provenance) and (not beside.exists() or _is_provenance(beside))
    if not overwrite:
        keep_unasked([target, beside] if is_recorded else [target])
    if is_recorded:
        images = {target: volume}
        files = write_recorded(images, beside, provenance, overwrite=overwrite, description=described)
        return [str(file) for file in files]
    write_nifti(volume, target, overwrite=overwrite, description=described)
    if is_read and is_changed and volume.unit:
        show_warning(f"The voxels of {layer.name} were changed: its file is not said to be in {volume.unit}.")
    if provenance:
        show_warning(f"Choose another name to keep the record, too: {beside} is not one of a fusion and was left.")
    return [str(target)]


def write_labels(path: str, data: Any, meta: dict[str, Any]) -> list[str]:  # noqa: ANN401 - as napari calls it
    """Write a layer of labels, lesions or a brush's, as a NIfTI label map where the images lie that it is drawn on.

    Voxels are whole numbers without a unit, and the header says that they are labels, and of what they are.
    """
    from napari import current_viewer
    from napari.layers import Image, Labels

    from napari_refusion.io.whole_files import atomic
    from napari_refusion.io.write import save_label_map
    from napari_refusion.widgets.labels_place import labels_of
    from napari_refusion.widgets.saved_name import keep_unasked, saved_as

    layer = Labels(data, **meta)
    target, overwrite = saved_as(path)
    viewer = current_viewer()
    images = [one for one in viewer.layers if isinstance(one, Image)] if viewer is not None else []
    labels, volume, described = labels_of(layer, images)
    if not overwrite:
        keep_unasked([target])
    with atomic(target, overwrite) as temporary:
        save_label_map(labels, volume, target, temporary, described)
    for finding in volume.findings:
        if finding.rule == "orientation":
            show_warning(finding.sentence)
    return [str(target)]


def open_sample(name: str) -> list[LayerData]:
    """Return the two layers of a pair in `io.sample.SAMPLES`, marked with their task.

    The anatomy comes first, so that function lies on top. Nothing comes where the user does not wait for them. In a
    window the Fuse widget opens beside them: a sample is there to be fused.
    """
    from napari_refusion.widgets.opening.door import visible_window
    from napari_refusion.widgets.opening.meanwhile import StoppedError, meanwhile

    window = visible_window()
    try:
        layers = meanwhile(window, "Reading the sample ...", _sample_layers, name)
    except StoppedError:
        return []
    if window is not None:
        _open_fuse_beside()
    return layers


def _open_fuse_beside() -> None:
    """Open the Fuse widget as soon as napari has added the layers, if the window is still there then."""
    from napari import current_viewer

    from napari_refusion.widgets.fuse.opened import fuse_widget
    from napari_refusion.widgets.opening.next_turn import in_next_turn

    if (viewer := current_viewer()) is not None:
        in_next_turn(viewer, lambda: fuse_widget(viewer))


def _sample_layers(name: str) -> list[LayerData]:
    from napari_refusion.io.sample import SAMPLES

    volumes = [open_volume(path) for path in SAMPLES[name].paths()]
    volumes.sort(key=lambda volume: volume.is_functional)
    layers = [to_layer_data(volume) for volume in volumes]
    for _, properties, _ in layers:
        properties["metadata"][KEY]["task"] = SAMPLES[name].task
    return layers


def mri_pet() -> list[LayerData]:
    """Return PET and MRI of the head phantom."""
    return open_sample("mri_pet")


def mri_ct() -> list[LayerData]:
    """Return CT and oblique MRI of the head phantom, read from DICOM."""
    return open_sample("mri_ct")


def mri_spect() -> list[LayerData]:
    """Return SPECT and MRI of the head phantom."""
    return open_sample("mri_spect")


def medical_slice() -> list[LayerData]:
    """Return one slice of the head phantom, PET in colour and MRI."""
    return open_sample("medical_slice")


def infrared_visible() -> list[LayerData]:
    """Return a street by night, infrared and visible."""
    return open_sample("infrared_visible")


def multi_focus() -> list[LayerData]:
    """Return two photographs with near and far focus."""
    return open_sample("multi_focus")


def multi_exposure() -> list[LayerData]:
    """Return an under- and an over-exposed photograph."""
    return open_sample("multi_exposure")


def _listed(path: str | Sequence[str]) -> list[Path]:
    return [Path(path)] if isinstance(path, str | os.PathLike) else [Path(one) for one in path]


def _is_ours(path: Path) -> bool:
    """Return whether a path is claimed; a folder is looked into, but not far, and so is an archive."""
    if path.is_dir():
        files = (Path(folder, name) for folder, _, names in os.walk(path) for name in sorted(names))
        return any(_is_dicom(file) for file in islice(files, _LOOKED_AT))
    if ending(path) == ".zip":
        return holds_dicom(path)
    return ending(path) in claimed_endings() or _is_dicom(path)


def _is_dicom(path: Path) -> bool:
    try:
        if is_directory_record(path) or has_dicom_signature(path):
            return True
        return ending(path) in DICOM.endings and ending(path) != ".zip"
    except OSError:
        return False


def _is_provenance(path: Path) -> bool:
    """Return whether a file is a record that this plugin wrote."""
    import json

    try:
        return "weights_sha256" in json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError):
        return False

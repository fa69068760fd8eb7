"""napari's question which plugin reads a file, beside the Fuse widget."""

from pathlib import Path

import numpy as np
from napari import Viewer
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QDialog, QRadioButton
from skimage.io import imsave

from napari_refusion.io.sample import sample_folder
from napari_refusion.io.write import write_nifti
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.fuse.widget import FuseWidget


def chosen_at_first(viewer: Viewer, path: Path) -> list[str]:
    """Return which readers are chosen when napari asks, as it does after File > Open; the question is cancelled."""
    chosen: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        chosen.extend(button.text() for button in dialog.findChildren(QRadioButton) if button.isChecked())
        dialog.reject()

    QTimer.singleShot(500, look)
    viewer.window._qt_viewer._qt_open([str(path)], stack=False, choose_plugin=True)
    return chosen


def test_this_plugin_is_chosen_for_scans(widget: FuseWidget, mri: Volume, tmp_path: Path) -> None:
    write_nifti(mri, tmp_path / "T1w.nii.gz")
    for path in (tmp_path / "T1w.nii.gz", sample_folder() / "mri_ct" / "ct_dicom"):
        assert chosen_at_first(widget._viewer, path) == ["napari-refusion"]


def test_a_folder_of_pictures_and_a_closed_widget_leave_the_question_as_it_is(
    widget: FuseWidget, mri: Volume, tmp_path: Path
) -> None:
    imsave(tmp_path / "1.png", np.zeros((9, 9), np.uint8), check_contrast=False)
    viewer = widget._viewer
    assert chosen_at_first(viewer, tmp_path) == ["napari builtins"]
    write_nifti(mri, tmp_path / "T1w.nii.gz")
    viewer.window.remove_dock_widget(widget)
    assert chosen_at_first(viewer, tmp_path / "T1w.nii.gz") == ["napari builtins"]

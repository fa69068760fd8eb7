"""A viewer that is seen reads in a worker thread, and may be closed meanwhile."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from napari import Viewer
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

import napari_refusion.io.open
from napari_refusion.io.write import write_nifti
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets import contributions
from tests.small_pair import small_mri

pytestmark = pytest.mark.usefixtures("_seen")


@pytest.fixture
def _seen(qapp: QApplication) -> None:
    if qapp.platformName() in ("offscreen", "minimal"):
        pytest.skip("needs a display")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_nifti(small_mri(), tmp_path / "sub-01_T1w.nii.gz")
    return tmp_path / "sub-01_T1w.nii.gz"


def test_the_reader_runs_in_another_thread_than_the_window(
    make_napari_viewer: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    threads: list[threading.Thread] = []
    read = napari_refusion.io.open.open_volume

    def noted(path: Path, **chosen: str | None) -> Volume:
        threads.append(threading.current_thread())
        return read(path, **chosen)

    monkeypatch.setattr(napari_refusion.io.open, "open_volume", noted)
    viewer = make_napari_viewer(show=True)
    (layer,) = viewer.open(str(path), plugin="napari-refusion")
    assert layer in viewer.layers
    assert layer.source.path == str(path)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


def test_a_viewer_that_is_closed_while_it_reads_ends_without_a_layer_or_an_error(
    make_napari_viewer: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    begun, closed = threading.Event(), threading.Event()
    read = napari_refusion.io.open.open_volume

    def late(path: Path, **chosen: str | None) -> Volume:
        begun.set()
        closed.wait(30)
        return read(path, **chosen)

    monkeypatch.setattr(napari_refusion.io.open, "open_volume", late)
    viewer = make_napari_viewer(show=True)
    viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")

    def close() -> None:
        if begun.is_set():
            viewer.close()
        else:
            QTimer.singleShot(10, close)

    close()
    assert viewer.open(str(path), plugin="napari-refusion") == []
    closed.set()
    assert len(viewer.layers) == 0


def test_a_sample_is_read_in_another_thread_too(
    make_napari_viewer: Callable[..., Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    read = contributions.open_volume

    def noted(path: Path) -> Volume:
        threads.append(threading.current_thread())
        return read(path)

    monkeypatch.setattr(contributions, "open_volume", noted)
    viewer = make_napari_viewer(show=True)
    viewer.open_sample("napari-refusion", "mri_pet")
    assert len(viewer.layers) == len(threads) == 2
    assert threading.main_thread() not in threads

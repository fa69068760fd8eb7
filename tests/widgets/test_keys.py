"""The keys of all pages: one meaning each, and pressed as a user presses them."""

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from app_model.types import KeyBinding, KeyCode, KeyMod
from app_model.types import _constants as app_model_constants
from napari import Viewer
from napari.utils.key_bindings import coerce_keybinding
from napari.utils.shortcuts import default_shortcuts
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtGui import QAction, QKeySequence
from qtpy.QtWidgets import QApplication, QWidget

from napari_refusion.fusion.compare_modes import COMPARE_MODES, find_mode
from napari_refusion.fusion.partial import new_partial
from napari_refusion.record.case import REASONS
from napari_refusion.session.compare import CompareSession
from napari_refusion.study.pairing import pair
from napari_refusion.volume.volume import Volume
from napari_refusion.widgets.compare.keys import keys_of_compare
from napari_refusion.widgets.fuse.widget import FuseWidget
from napari_refusion.widgets.key_list import KeyList
from napari_refusion.widgets.keys import KEYS, Keys, key_for, napari_name
from napari_refusion.widgets.review.verdict_form import VerdictForm
from tests.widgets.fuse.test_widget import add, look_at_slice, names, wait_for_end, widget  # noqa: F401

OVERRIDDEN = {
    *"1234567",  # modes of napari's layers
    *"ASREMI",  # tools of points, shapes and labels
    *"[]",  # size of the brush of labels
}
"""Keys of napari's layers that mean something else as long as a review is going on: nobody draws meanwhile."""

NAPARI = {str(binding) for bindings in default_shortcuts.values() for binding in bindings}


def in_napari_s_words(key: str) -> str:
    return str(coerce_keybinding(napari_name(key).replace("Return", "Enter")))


def test_a_key_means_one_thing() -> None:
    keys = [QKeySequence(key).toString() for key, _ in KEYS.values()]
    modes = [mode.key for mode in COMPARE_MODES if mode.key]
    assert len({*keys, *modes}) == len(keys) + len(modes)
    # the digits share a sentence, which says that each means its own number
    sentences = [sentence for action, (_, sentence) in KEYS.items() if not action.startswith("reason ")]
    assert len(set(sentences)) == len(sentences)


def test_the_keys_of_all_pages_are_those_of_the_table_and_no_others(widget: FuseWidget) -> None:  # noqa: F811
    everywhere, review = widget._keys.keys, widget.panels.review.keys.keys
    assert {(key.key, key.sentence) for key in (*everywhere, *review)} == set(KEYS.values()) - {KEYS["next case"]}
    for page in (everywhere, review):
        assert len({key.key for key in page}) == len(page)


def test_outside_a_review_no_key_is_one_of_napari_s_own_or_of_its_layers(widget: FuseWidget) -> None:  # noqa: F811
    assert NAPARI.isdisjoint(in_napari_s_words(key.key) for key in widget._keys.keys)


def test_a_review_takes_these_keys_from_napari_s_layers_and_no_others(widget: FuseWidget) -> None:  # noqa: F811
    review = {in_napari_s_words(key.key) for key in widget.panels.review.keys.keys}
    assert review & NAPARI == OVERRIDDEN


def test_the_page_about_reviewing_lists_the_keys_of_a_review() -> None:
    page = (Path(__file__).parents[2] / "docs" / "review.md").read_text(encoding="utf-8")
    table = page[page.index("| key | does |") : page.index("## The strip")]
    listed = {key.replace("Enter", "Return") for key in re.findall(r"`([^`]+)`", table)}
    elsewhere = {"fuse", "lesion", "live", "undo fusion", "soft tissue", "lung", "bone", "brain"}
    elsewhere |= {"inverted beside", "next scale"}
    reasons = {str(place) for place in range(2, len(REASONS))}  # between the first and the last one
    assert listed == {key for action, (key, _) in KEYS.items() if action not in elsewhere} - reasons


def test_a_held_key_shows_one_source_until_it_is_let_go(
    viewer: Viewer,
    widget: FuseWidget,  # noqa: F811
    qtbot: QtBot,
) -> None:
    look_at_slice(viewer, 2)
    widget.fuse(is_slice=True)
    wait_for_end(widget, qtbot)
    partial = viewer.window._qt_viewer.canvas.native
    before = names(viewer)
    for key, name in ((Qt.Key.Key_Q, "pet"), (Qt.Key.Key_W, "T1w")):
        qtbot.keyPress(partial, key)
        assert names(viewer) == [*before, f"Compare: only {name}"]
        for _ in range(3):  # held: up and down, of which Qt does not always know that the keyboard repeats them
            qtbot.keyRelease(partial, key)
            qtbot.keyPress(partial, key)
            assert names(viewer) == [*before, f"Compare: only {name}"]
        qtbot.keyRelease(partial, key)
        qtbot.waitUntil(lambda: names(viewer) == before, timeout=5_000)
    qtbot.keyPress(partial, Qt.Key.Key_Q)
    qtbot.keyRelease(partial, Qt.Key.Key_Q)
    qtbot.keyPress(partial, Qt.Key.Key_W)
    assert names(viewer)[-1] == "Compare: only T1w"
    qtbot.wait(200)
    assert names(viewer)[-1] == "Compare: only T1w"


@pytest.mark.parametrize("modifier", ["NoModifier", "ShiftModifier"])
def test_the_question_mark_opens_the_list_beside_a_usable_viewer(
    make_napari_viewer: Callable[..., Viewer], qtbot: QtBot, modifier: str
) -> None:
    viewer = make_napari_viewer(show=True)
    viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")
    window = viewer.window._qt_window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=10_000)
    partial = viewer.window._qt_viewer.canvas.native
    qtbot.keyClick(partial, Qt.Key.Key_Question, getattr(Qt.KeyboardModifier, modifier))
    (box,) = (one for one in QApplication.topLevelWidgets() if isinstance(one, KeyList) and one.isVisible())
    assert "hold to see only one source: PET, SPECT, or the CT beside an MRI" in "\n".join(box.lines)
    assert not box.isModal()
    box.close()


def test_on_a_mac_what_napari_binds_to_ctrl_is_its_control_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """vispy hands the Control key of a Mac on as Qt's Meta, which app-model calls WinCtrl."""
    monkeypatch.setattr(app_model_constants, "_CURRENT", app_model_constants.OperatingSystem.MACOS)
    bound = coerce_keybinding(napari_name(KEYS["fuse"][0]))
    assert bound == KeyBinding.from_int(KeyMod.WinCtrl | KeyMod.Alt | KeyCode.KeyF)
    assert bound != KeyBinding.from_int(KeyMod.CtrlCmd | KeyMod.Alt | KeyCode.KeyF)


@pytest.mark.parametrize(("platform", "called"), [("darwin", "Cmd"), ("win32", "Ctrl"), ("linux", "Ctrl")])
def test_on_a_mac_a_shortcut_of_qt_is_called_by_its_command_key_and_a_key_of_napari_by_control(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, platform: str, called: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    parent = QWidget()
    qtbot.addWidget(parent)
    fuse, finish = (key_for(action, lambda: None) for action in ("fuse", "finish"))
    Keys(None, [fuse]).show_list(parent, [finish])  # type: ignore[arg-type]  # nothing is bound
    (box,) = parent.findChildren(KeyList)
    assert list(box.lines[:2]) == [f"{called}+Return: finish the case", "Ctrl+Alt+F: fuse the volume"]
    box.close()
    verdict = VerdictForm()
    qtbot.addWidget(verdict)
    assert verdict.confirm.toolTip() == f"{called}+Enter"


def test_keys_and_probe_go_with_the_dock_and_letters_and_notice_stay(viewer: Viewer, widget: FuseWidget) -> None:  # noqa: F811
    QApplication.processEvents()  # they are written a turn after the dock
    assert "refusion_notice" in viewer.canvas.overlays
    assert viewer.keymap
    viewer.window.remove_dock_widget(widget)
    assert "refusion_notice" in viewer.canvas.overlays  # what was fused is still seen
    assert not viewer.keymap
    assert viewer.mouse_move_callbacks == []


def test_live_is_switched_by_key(
    make_napari_viewer: Callable[..., Viewer],
    qtbot: QtBot,
) -> None:
    viewer = make_napari_viewer()
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")  # noqa: F811
    was = widget.page.live.isChecked()
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    qtbot.keyClick(viewer.window._qt_viewer.canvas.native, Qt.Key.Key_L, modifiers)
    assert widget.page.live.isChecked() is not was


@pytest.mark.parametrize(
    ("action", "said"),
    [
        *((action, "Choose two images first") for action in ("flicker", "next mode", "side by side", "peek first")),
        *((action, "Open a scan first") for action in ("axial", "coronal", "sagittal", "three planes")),
        ("inverted beside", "Choose two images first"),
        ("projection", "Choose PET or SPECT"),
    ],
)
def test_without_a_pair_a_key_says_what_to_do_first(viewer: Viewer, action: str, said: str) -> None:
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")  # noqa: F811
    next(key for key in widget._keys.keys if key.key == KEYS[action][0]).press()
    assert widget.status.text().startswith(said)


def test_pictures_say_that_they_have_one_plane(viewer: Viewer) -> None:
    viewer.add_image(np.zeros((4, 5), np.uint8))
    _, widget = viewer.window.add_plugin_dock_widget("napari-refusion", "Fuse")  # noqa: F811
    next(key for key in widget._keys.keys if key.key == "Alt+O").press()
    assert widget.status.text().startswith("These pictures have one plane only")


def test_two_mri_say_that_nothing_shows_function(mri: Volume) -> None:
    said: list[str] = []
    session = CompareSession()
    session.show_partial(new_partial(pair(mri, replace(mri, name="T2w", data=mri.data[::-1].copy())), "axial"))
    next(key for key in keys_of_compare(session, said.append) if key.key == "Alt+G").press()
    assert said == ["No source shows function in values: there is nothing to put beside them in inverted grey."]
    assert not session.state.is_side_by_side


def test_a_mode_with_a_key_of_its_own_is_chosen_by_it(mri: Volume, pet: Volume) -> None:
    swipe = replace(find_mode("swipe"), key="Y")
    session = CompareSession((find_mode("first"), swipe))
    session.show_partial(new_partial(pair(mri, pet), "axial"))
    (key,) = (key for key in keys_of_compare(session, lambda _words: None) if key.key == "Y")
    key.press()
    assert session.state.wanted() is swipe
    assert key.sentence == swipe.help


def test_no_key_is_one_that_opens_a_menu_of_the_window(make_napari_viewer: Callable[..., Viewer]) -> None:
    menu_bar = make_napari_viewer().window._qt_window.menuBar()
    opened = {QKeySequence.mnemonic(action.text()).toString() for action in menu_bar.actions()} - {""}
    assert "Alt+P" in opened  # Plugins
    assert not opened & {key for key, _ in KEYS.values()}


def test_no_key_is_one_of_an_entry_of_napari_s_menus(make_napari_viewer: Callable[..., Viewer]) -> None:
    menu_bar = make_napari_viewer().window._qt_window.menuBar()
    taken = {key for action in menu_bar.actions() for key in keys_of_entries(action)}
    assert "Alt+S" in taken  # Save Screenshot: an entry of a menu comes before what is bound to the viewer
    assert not taken & {QKeySequence(key).toString() for key, _ in KEYS.values()}


def keys_of_entries(action: QAction) -> set[str]:
    """Return the keys of an entry of a menu, and of what it opens."""
    keys = {key.toString() for key in action.shortcuts()}
    below = action.menu()
    return keys | {key for entry in (below.actions() if below else ()) for key in keys_of_entries(entry)}

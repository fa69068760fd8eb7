"""The worklist: cases of a folder or a manifest, how far each is, and one key to the next."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.viewer import Viewer
from qtpy.QtCore import QEvent, QTimer
from qtpy.QtGui import QShowEvent

from napari_refusion.volume.finding import RefusedError
from napari_refusion.widgets.docks import dock_of, lie_as_tab
from napari_refusion.widgets.keys import Keys, key_for
from napari_refusion.widgets.orientation_letters import keep_letters
from napari_refusion.widgets.preferences import FollowedPreferences, preferred, remember
from napari_refusion.widgets.wheel import WheelNeedsFocus
from napari_refusion.widgets.worklist.case_reading import CaseReading, ReadCase
from napari_refusion.widgets.worklist.case_window import CaseWindow
from napari_refusion.widgets.worklist.form import FILTERS, WorklistForm

if TYPE_CHECKING:
    from napari_refusion.cohort.reader_list import ReaderList
    from napari_refusion.cohort.work_case import WorkCase
    from napari_refusion.session.review import ReviewSession
    from napari_refusion.volume.finding import Finding
    from napari_refusion.widgets.fuse.widget import FuseWidget


class WorklistPanel(WorklistForm):
    """Lists the cases of a project for one reader, in that reader's own order."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._layers = viewer.layers.events
        self.listed: ReaderList | None = None
        """What is in the list; None before it was asked for."""
        self.current = ""
        """Label of the case that is open."""
        self._asked = ""
        """Label of the case that was asked for last, open or refused: the list goes on after it."""
        self._given = ("", "", "")
        """Cases, project and reader of the list."""
        self._reading, self._window = CaseReading(self), CaseWindow(viewer)
        self._open_widget: FuseWidget | None = None
        self._was_shown = False
        self.keys = Keys(viewer, (key_for("next case", self.open_next),))
        WheelNeedsFocus(self)
        keep_letters(viewer)
        self._connect()
        self.times.setChecked(bool(preferred("review")["times"]))
        self._preferred = FollowedPreferences("review", self._prefer)
        self._start()

    def _connect(self) -> None:
        self.load.clicked.connect(self.refresh)
        for line in (self.cases, self.folder, self.reader):
            line.returnPressed.connect(self.refresh)
        self.open.clicked.connect(self.open_chosen)
        self.next.clicked.connect(self.open_next)
        self.summary.clicked.connect(self.write_summary)
        self.filter.currentIndexChanged.connect(self._fill)
        self.times.toggled.connect(self._show_times)
        self.table.itemActivated.connect(lambda _item: self.open_chosen())
        self._reading.read.connect(self._show)

    def event(self, event: QEvent | None) -> bool:
        """Let go of the viewer's keys when napari takes the widget out of its dock."""
        if event is not None and event.type() == QEvent.Type.ParentChange and hasattr(self, "keys"):
            if self.parent() is None:
                self.keys.stop()
                self._layers.removed.disconnect(self._follow_layers)
                self._preferred.stop()
                self._reading.close()
                self._reading.forget()
            else:
                self._start()
        return bool(super().event(event))

    def _start(self) -> None:
        """Take the viewer's keys, and follow its layers."""
        self.keys.start()
        self._layers.removed.connect(self._follow_layers)  # twice does nothing
        self._preferred.start()

    def _prefer(self, preferences: Mapping[str, Any]) -> None:
        """Show times as preferred; cases, project and reader stay: a review that begins elsewhere changes them, too."""
        if "times" in preferences:
            self.times.setChecked(bool(preferences["times"]))

    def showEvent(self, event: QShowEvent | None) -> None:  # noqa: N802 - Qt's name
        """Lie on the Fuse widget, not below it; newly opened, be ready for what is to be typed, or for Enter."""
        super().showEvent(event)
        lie_as_tab(self)
        if not self._was_shown:
            self._was_shown = True
            lines = self.cases, self.folder, self.reader
            line = next((line for line in lines if not line.text()), self.cases)
            QTimer.singleShot(0, line.setFocus)  # napari gives the focus to its canvas once the dock is there

    def refresh(self) -> None:
        """List the cases again, with what was said meanwhile."""
        from napari_refusion.cohort.list_in_words import listed_in_words
        from napari_refusion.cohort.reader_list import ReaderList

        cases, folder, reader = given = self._lines()
        if not cases or not folder or not reader:
            self.message.setText("Choose the cases, a folder for the project, and enter your reader name.")
            return
        self._reading.close()
        self._reading.forget()
        try:
            self.listed = ReaderList.read(Path(cases).expanduser(), Path(folder).expanduser(), reader)
        except RefusedError as error:
            self.message.setText(str(error))
            return
        if given != self._given:
            self._given, self._asked, self.current = given, "", ""  # cases of another list may be called alike
        remember("review", folder=folder, reader=reader, cases=cases)
        self._fill()
        self.table.setFocus()
        self.message.setText(listed_in_words(self.listed))

    def _lines(self) -> tuple[str, str, str]:
        """Return what is written for the cases, the project and the reader."""
        return self.cases.text().strip(), self.folder.text().strip(), self.reader.text().strip()

    def _is_listed(self) -> bool:
        """Return whether the list is that of the lines above it; list it where they were changed since.

        A reader who has typed another name must not go on under the one before.
        """
        if self.listed is None or self._lines() != self._given:
            self.refresh()
        return self.listed is not None and self._lines() == self._given

    def _following(self) -> "WorkCase | None":
        """Return the case that is opened next."""
        return None if self.listed is None else self.listed.following(self._asked, FILTERS[self.filter.currentText()])

    def _fill(self) -> None:
        """Show the cases of the list that are wanted."""
        if self.listed is None:
            return
        self.findings.show_findings(self.listed.findings)
        self.findings.setVisible(bool(self.listed.findings))
        following = self._following()
        shown = self.listed.shown(FILTERS[self.filter.currentText()])
        self.table.show_cases(self.listed, shown, self.current, following.label if following is not None else "")

    def _show_times(self, on: bool) -> None:
        remember("review", times=on)
        self.table.show_times(on=on)

    def open_chosen(self) -> None:
        """Open the case of the selected row."""
        was_listed = self._lines() == self._given
        if not self._is_listed():
            return
        if not was_listed:
            self.message.setText(f"{self.message.text()}. Choose a row first.")
            return
        label = self.table.chosen()
        cases = self.listed.cases if self.listed is not None else ()
        case = next((one for one in cases if one.label == label), None)
        if case is None:
            self.message.setText("Choose a row first.")
        else:
            self._follow_record()
            self.open_case(case)

    def open_next(self) -> None:
        """Open the next case that this reader has not read."""
        if not self._is_listed():
            return
        from napari_refusion.cohort.list_in_words import why_none_follows

        self._follow_record()
        assert self.listed is not None
        following = self._following()
        if following is not None:
            self.open_case(following)
        else:
            why = why_none_follows(self.listed, self._asked, self.filter.currentText())
            self._say(f"{why} {self._pace()}".strip())

    def open_case(self, case: "WorkCase") -> None:
        """Open a case of the list, unless that would lose a verdict that was not given yet."""
        if self._is_held():
            return
        self.message.setText(f"Opening {case.label} ...")
        self._reading.open(case)

    def _is_held(self) -> bool:
        """Return whether the open case has a verdict in front, and show it with what comes first."""
        widget = self._open_widget
        if widget is None or not widget.panels.review.holds("next case"):
            return False
        widget.panels.setCurrentWidget(widget.panels.review)
        if (dock := dock_of(widget)) is not None:
            dock.raise_()
        widget.panels.review.pages.verdict.value.setFocus()
        return True

    def _say(self, sentence: str) -> None:
        """Say why no case is opened where it is seen: the key is pressed in front of the review."""
        self.message.setText(sentence)
        if (dock := dock_of(self)) is not None:
            dock.raise_()

    def _follow_record(self) -> None:
        """Show what was said since the list was made."""
        if self.listed is not None:
            self.listed = self.listed.again()
            self._fill()

    def _pace(self) -> str:
        from napari_refusion.cohort.pace import pace_in_words

        return pace_in_words(self.listed.paces()) if self.listed is not None and self.times.isChecked() else ""

    def _show(self, case: "WorkCase", found: RefusedError | ReadCase) -> None:
        """Show a case in place of the one before, fuse it, and begin its review."""
        assert self.listed is not None
        self._asked = case.label
        if isinstance(found, RefusedError):
            self.listed = self.listed.after_opening(case.label, "cannot be read")
            self._fill()
            self._say(f"{case.label}: {found}")
            self._read_ahead()
            return
        widget = self._window.show(case, found, self.listed.project.folder, self.listed.reader)
        self.current = case.label  # not before: the layers of the one before have just gone
        self.listed = self.listed.after_opening(case.label)
        if widget is not self._open_widget:
            widget.panels.review.session_changed.connect(self._tell_of_another)
        self._open_widget = widget
        widget.session.ended.connect(self._read_ahead, unique=True)
        widget.session.refused.connect(self._show_refusal, unique=True)
        self._fill()
        self.message.setText(" ".join(filter(None, (f"{case.label} is open.", found.remark, self._pace()))))

    def _show_refusal(self, _findings: "tuple[Finding, ...]", is_live: bool) -> None:
        """Show why a case is not fused: no review begins that would say it."""
        if self._open_widget is not None and self.current and self._window.is_shown and not is_live:
            self._open_widget.panels.setCurrentWidget(self._open_widget.page)
            self._stop_or_go("not fused")
            self.message.setText(f"{self.current} is open. It is not fused: the page Fuse says why.")

    def _stop_or_go(self, why_not: str) -> None:
        """Say in the list why the open case is not shown, or that it is after all."""
        if self.listed is not None and self.listed.stopped.get(self.current, "") != why_not:
            self.listed = self.listed.after_opening(self.current, why_not)
            self._fill()

    def _tell_of_another(self, session: "ReviewSession | None") -> None:
        """Say that the case that is reviewed is in the list under another label, too: they share one record."""
        from napari_refusion.cohort.list_in_words import shared_in_words

        if self.listed is None or session is None or not self.current or not self._window.is_shown:
            return
        self._stop_or_go("")
        if shared := shared_in_words(self.listed, session.run.case_id, self.current):
            self.message.setText(f"{self.current} is open. {shared}")

    def _read_ahead(self, _end: str = "", _was_ahead: bool = False) -> None:
        """Read the next case as soon as the open one is fused, which needs the machine first."""
        if self._open_widget is not None and self._open_widget.is_idle:
            self._reading.read_ahead(self._following())

    def _follow_layers(self, _event: Any) -> None:  # noqa: ANN401 - napari's events have no common type
        """Call a case open only as long as its sources are there."""
        if not self.current or self._window.is_shown:
            return
        if self.message.text().startswith(f"{self.current} is open."):
            self.message.setText(f"{self.current} was closed with its layers; what was said of it is kept.")
        self.current = ""
        self._fill()

    def write_summary(self) -> None:
        """Write one page and one table about all cases that were reviewed."""
        from napari_refusion.cohort.summary import write_summary

        if not self._is_listed() or self.listed is None:
            return
        try:
            page, *_ = write_summary(self.listed.project)
        except RefusedError as error:
            self.message.setText(str(error))
            return
        self.message.setText(f"Written: {page.name} and the table beside it, in {page.parent}.")

"""The trust block: five lights, with number and rule on hover, and what failed in large letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from napari_refusion import look
from napari_refusion.evidence.light import Light, failed
from napari_refusion.volume.rule import CHECKS


class TrustBlock(QWidget):
    """Shows the lights; a click on one that failed asks for an override."""

    override_wanted = Signal(str)
    """Emitted with the name of a failed check that was clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.failed = QLabel()
        self.failed.setStyleSheet(f"{look.RED.css} font-weight: bold; padding: 3px;")
        self.failed.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.failed.setWordWrap(True)
        self.buttons = {check: QToolButton() for check in CHECKS}
        row = QGridLayout()
        row.setSpacing(3)
        for column, (check, button) in enumerate(self.buttons.items()):
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, name=check: self._click(name))
            row.addWidget(button, 0, column)
            row.setColumnStretch(column, len(check))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addWidget(self.failed)
        layout.addLayout(row)
        self._lights: tuple[Light, ...] = ()
        self.show_lights((), {})

    def show_lights(self, lights: Sequence[Light], overrides: Mapping[str, str]) -> None:
        """Show the lights, and why failed checks were passed over."""
        self._lights = tuple(lights)
        found = {light.check: light for light in lights}
        for check, button in self.buttons.items():
            light = found.get(check)
            shown = look.CHECKS[light.colour if light else "not run"]
            button.setText(f"{check}\n{shown.word}")
            button.setStyleSheet(f"{shown.signal.css} font-size: 10px; padding: 2px; border-radius: 3px;")
            button.setToolTip(_tip(light, overrides.get(check, "")) if light else "")
        banner = failed(lights, overrides)
        self.failed.setText(banner)
        self.failed.setVisible(bool(banner))

    def _click(self, check: str) -> None:
        if any(light.check == check and light.colour == "red" for light in self._lights):
            self.override_wanted.emit(check)


def _tip(light: Light, override: str) -> str:
    parts = [
        f"<b>{escape(light.check)}: {look.CHECKS[light.colour].word}</b> {escape(light.value)}",
        escape(light.sentence),
    ]
    if override:
        parts.append(f"Passed over: {escape(override)}")
    elif light.colour == "red":
        parts.append("Click to pass it over with a reason.")
    parts.append(f"<i>{escape(light.rule)}</i>")
    return "<p>" + "</p><p>".join(parts) + "</p>"

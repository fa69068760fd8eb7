"""Numbers that are typed with a decimal point or a decimal comma alike, whatever the computer's language."""

from qtpy.QtCore import QLocale
from qtpy.QtGui import QDoubleValidator, QValidator
from qtpy.QtWidgets import QDoubleSpinBox, QWidget


class NumberBox(QDoubleSpinBox):
    """Shows a decimal point, as all figures of this program have.

    Where the computer writes a decimal comma, Qt takes the point for what parts thousands: a typed 2.5 became 25.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        plain = QLocale(QLocale.Language.C)
        plain.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator | QLocale.NumberOption.RejectGroupSeparator)
        self.setLocale(plain)

    def validate(self, text: str | None, place: int) -> tuple[QValidator.State, str, int]:
        """Return whether a text can be a number, with a point for its comma."""
        found: tuple[QValidator.State, str, int] = super().validate((text or "").replace(",", "."), place)
        return found

    def valueFromText(self, text: str | None) -> float:  # noqa: N802 - Qt's name
        """Return the number that was typed."""
        return float(super().valueFromText((text or "").replace(",", ".")))


class NumberValidator(QDoubleValidator):
    """Lets a number be typed into a line, not below one and not above another one."""

    def __init__(self, low: float, high: float, decimals: int) -> None:
        super().__init__(low, high, decimals)
        self.setLocale(QLocale.c())

    def validate(self, text: str | None, place: int) -> tuple[QValidator.State, str, int]:
        """Return whether a text can be a number, with a point for its comma."""
        found: tuple[QValidator.State, str, int] = super().validate((text or "").replace(",", "."), place)
        return found

"""The trust block: colours, what failed, and how to pass it over."""

from pytestqt.qtbot import QtBot

from napari_refusion.evidence.light import Light
from napari_refusion.widgets.review.trust_block import TrustBlock

GOOD = Light("Geometry", "green", "", "Spacing and orientation of both files.", "All checks passed.")
BAD = Light("Registration", "red", "NMI 1.02", "Shifts under 8 mm are not seen.", "It fits better <mirrored>.")


def block(qtbot: QtBot) -> TrustBlock:
    made = TrustBlock()
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_failed_check_is_named_in_large_letters_and_explained_on_hover(qtbot: QtBot) -> None:
    made = block(qtbot)
    made.show_lights((GOOD, BAD), {})
    assert made.failed.isVisible()
    assert made.failed.text() == "CHECK FAILED: Registration"
    tip = made.buttons["Registration"].toolTip()
    assert "NMI 1.02" in tip
    assert "Shifts under 8 mm" in tip
    assert "&lt;mirrored&gt;" in tip
    assert made.buttons["Output"].text() == "Output\nnot run"


def test_without_a_failed_check_nothing_is_said_to_have_failed(qtbot: QtBot) -> None:
    made = block(qtbot)
    made.show_lights((GOOD,), {})
    assert not made.failed.isVisible()


def test_an_overridden_check_stays_named_with_its_reason(qtbot: QtBot) -> None:
    made = block(qtbot)
    made.show_lights((BAD,), {"Registration": "checked by hand"})
    assert made.failed.text() == "CHECK FAILED: Registration (overridden)"
    assert "checked by hand" in made.buttons["Registration"].toolTip()


def test_only_a_failed_check_can_be_passed_over(qtbot: QtBot) -> None:
    made = block(qtbot)
    made.show_lights((GOOD, BAD), {})
    asked: list[str] = []
    made.override_wanted.connect(asked.append)
    made.buttons["Geometry"].click()
    made.buttons["Registration"].click()
    assert asked == ["Registration"]

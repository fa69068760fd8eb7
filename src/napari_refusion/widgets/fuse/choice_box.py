"""A drop-down list of values with words for them."""

from qtpy.QtWidgets import QComboBox


def choice_box(choices: dict[str, str], tip: str) -> QComboBox:
    """Return a drop-down list of `choices` (value -> text) that never widens its dock."""
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(5)
    box.setToolTip(tip)
    for value, text in choices.items():
        box.addItem(text, value)
    return box


def choose(box: QComboBox, value: object) -> None:
    """Choose a value in a list that `choice_box` made; one that is not offered changes nothing."""
    if (index := box.findData(value)) >= 0:
        box.setCurrentIndex(index)

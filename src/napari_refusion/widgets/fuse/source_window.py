"""The window of one source: chosen in a menu, typed or as the layer is shown, which is what is fused."""

from napari.layers import Image
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QLabel, QLineEdit

from napari_refusion.numerics.intensity import Window
from napari_refusion.session.layout import AUTOMATIC as NO_HABIT
from napari_refusion.session.layout import habitual_window
from napari_refusion.volume.lean import unit_of_choice, units_of
from napari_refusion.volume.window import HEADER, choose_window, typed_window
from napari_refusion.volume.window_text import window_text
from napari_refusion.widgets.fuse.choice_box import choice_box, choose
from napari_refusion.widgets.fuse.followed_layer import FollowedLayer
from napari_refusion.widgets.fuse.window_menu import AS_SHOWN, AUTOMATIC, CUSTOM, remember_scale, windows_offered
from napari_refusion.widgets.layer_look import shown_limits, was_rewindowed
from napari_refusion.widgets.layer_names import known_modality
from napari_refusion.widgets.shown_slice import are_pictures
from napari_refusion.widgets.typed_line import end_by_enter


class SourceWindow(QObject):
    """Menu, typed window and words of the window that is fused; the layer is shown with it."""

    changed = Signal()
    """Emitted when another window is chosen."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.choice = choice_box(
            windows_offered(None, ""),
            "Range of values that is fused, one for the whole volume; drag with the right button to change it. As "
            "shown: the window of the layer in napari. A scale of PET that is chosen is kept for the next one, "
            "automatic forgets it",
        )
        self.custom = QLineEdit()
        self.custom.setPlaceholderText("LOW,HIGH")
        self.custom.setToolTip(
            "Two values in the volume's unit, or two percentiles as p1,p99. With decimal commas: 0,5;7,5"
        )
        self.custom.hide()
        self.label = QLabel()
        # a window in many figures takes two lines: it would widen the page beyond its dock, which cuts its end off
        self.label.setWordWrap(True)
        self.layer = FollowedLayer(self)
        self.layer.rewindowed.connect(self._take_shown)
        self.choice.currentIndexChanged.connect(self._show_custom)
        self.choice.activated.connect(self._take_choice)
        self.custom.editingFinished.connect(self._take_choice)
        end_by_enter(self.custom)

    def follow(self, image: Image | None, modality: str) -> None:
        """Follow another layer from now on, and fuse it as it is shown once that is changed; see `offer`."""
        self.layer.follow(image)
        self.label.clear()
        self.label.setToolTip("")
        self.offer(modality)
        self._drop_numbers()
        if image is not None and not image.rgb and was_rewindowed(image):
            choose(self.choice, AS_SHOWN)

    def offer(self, modality: str) -> None:
        """Offer the windows that fit the layer; what was chosen stays chosen where it fits.

        Parameters
        ----------
        modality
            That the user chose; empty for the layer's own.
        """
        chosen, image = self.choice.currentData(), self.layer.image
        modality = modality or (known_modality(image) if image is not None else "")
        self.choice.blockSignals(True)
        self.choice.clear()
        is_picture = image is not None and are_pictures([image])
        for value, text in windows_offered(self.layer.volume, modality, is_picture=is_picture).items():
            self.choice.addItem(text, value)
        choose(self.choice, chosen)
        self.choice.blockSignals(False)

    def show_fused(self, window: Window, unit: str, source: str) -> None:
        """Show the window that is fused and where it came from, and show the layer with it."""
        if self.layer.image is None:
            return
        self._say(window, unit, source)
        if self.choice.currentData() != AS_SHOWN:
            self.layer.show(window)

    def offers(self, choice: str) -> bool:
        """Return whether a window is on the menu."""
        return self.layer.image is not None and self.choice.findData(choice) >= 0

    def choose(self, choice: str) -> None:
        """Choose a window of the menu, or ``LOW,HIGH``, as a user does."""
        if self.choice.findData(choice) < 0:
            self.custom.setText(choice)
            choice = CUSTOM
        choose(self.choice, choice)
        self._take_choice()

    def restore(self, choice: str, limits: str, unit: str) -> None:
        """Choose what was chosen at an earlier moment, and show the layer in the unit and limits of that time.

        Parameters
        ----------
        limits
            As `shown_text` returned them; empty for none.
        """
        self.layer.show_in(unit)
        if self.layer.image is not None and limits:
            low, high = (float(value) for value in limits.split(","))
            self.layer.show(Window(low, high))
            self._say(Window(low, high), unit)
        choose(self.choice, choice)

    def _drop_numbers(self) -> None:
        """Choose and offer no window for another layer whose numbers are of the one before."""
        choice = self.choice.currentData()
        is_of_patient = habitual_window(self.custom.text(), self.layer.unit) == NO_HABIT
        if self.layer.image is None:
            return
        if is_of_patient or choice == AS_SHOWN:
            self.custom.clear()
        if choice == AS_SHOWN or (choice == CUSTOM and is_of_patient):
            choose(self.choice, AUTOMATIC)

    def _show_custom(self) -> None:
        is_custom = self.choice.currentData() == CUSTOM
        self.custom.setVisible(is_custom)
        if is_custom:
            self._say_typed()
        if not is_custom or self.custom.text():
            self.changed.emit()

    def _say(self, window: Window, unit: str, source: str = "") -> None:
        text = window_text(window, unit)
        self.label.setText(text)
        self.label.setToolTip(f"Fused: {text} ({source})" if source else f"Fused: {text}")

    def _take_choice(self) -> None:
        """Show what the user chose at once where that needs no voxels, and keep a scale of PET for the next one."""
        choice, volume = self.choice.currentData(), self.layer.volume
        remember_scale(volume, choice, self.custom.text())
        unit = unit_of_choice(choice)
        # an MRI has no unit, and neither has a window that is typed or taken from the layer
        is_fixed = volume is not None and ((unit and unit in units_of(volume)) or choice.startswith(HEADER))
        if volume is not None and is_fixed:
            self.layer.show_in(unit or volume.unit)
            window = choose_window(self.layer.volume or volume, choice).window
            self._say(window, unit or volume.unit)
            self.layer.show(window)
        if choice == CUSTOM:
            self._say_typed()
        if choice in (CUSTOM, AUTOMATIC):
            self.changed.emit()

    def _say_typed(self) -> None:
        """Say at once how the typed window was understood, fused or not; of percentiles that is known once it is."""
        window = typed_window(self.custom.text())
        if window is not None:
            self._say(window, self.layer.unit)
        elif self.custom.text():
            self.label.clear()
            self.label.setToolTip("")

    def _take_shown(self) -> None:
        """Fuse the layer with the window that the user gave it in napari."""
        image = self.layer.image
        if image is not None and (limits := shown_limits(image)) is not None:
            self._say(Window(*limits), self.layer.unit)
        if self.choice.currentData() == AS_SHOWN:
            self.changed.emit()
        else:
            choose(self.choice, AS_SHOWN)

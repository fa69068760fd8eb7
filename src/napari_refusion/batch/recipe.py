"""How every case of a cohort is fused, and what of that a result depends on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from napari_refusion import __version__
from napari_refusion.fusion.engines import ENGINES, check_engine
from napari_refusion.io.one_pass import sha256_of
from napari_refusion.model.tasks import installed_weights
from napari_refusion.session.settings import FuseSettings
from napari_refusion.unknown_name import unknown_name
from napari_refusion.volume.finding import refuse
from napari_refusion.volume.window import check_choice

if TYPE_CHECKING:
    from typing import Self

RESULTS: Final = 3
"""Raised with every change of what is written for a case: results of another number are made anew."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is chosen for all cases."""

    settings: FuseSettings = FuseSettings()  # noqa: RUF009 - frozen
    windows: tuple[str, str] = ("", "")
    """Of the first and the second source of each case, as `volume.window.choose_window` takes them."""
    volumes: tuple[str, str] = ("", "")
    """Which volume is taken of first and second sources that hold several where no table says it, see `io.choice`."""
    identified: bool = False
    """Whether records name files and series, which may be the patient's name."""
    weights_sha256: str = ""
    """Of the weights file; empty for an engine without weights, and before `prepared`."""

    @property
    def device(self) -> str:
        """Return where cases run, as it was chosen; engines without weights run on the processor."""
        return self.settings.device if ENGINES[self.settings.engine].takes_weights else "cpu"

    def prepared(self) -> Self:
        """Return the same with the weights found: their file by its whole path, and its hash.

        Raises
        ------
        RefusedError
            If there is no such file, or the engine takes none.
        """
        settings = self.settings
        check_engine(settings.engine, settings.weights)
        if not ENGINES[settings.engine].takes_weights:
            return self
        known = installed_weights()
        name = settings.weights or settings.task
        path = known[name] if name in known else Path(name).expanduser().absolute()
        if not path.is_file():
            sentence = f"{unknown_name('weights file', name, known)} Or name a file that exists."
            raise refuse("weights", sentence, name)
        chosen = settings.weights if not settings.weights or name in known else str(path)
        return replace(self, settings=replace(settings, weights=chosen), weights_sha256=sha256_of(path))

    def check(self) -> None:
        """Refuse what no case at all could be fused with: each one would be refused, and lose what was fused before.

        Raises
        ------
        RefusedError
            For weights that cannot be loaded, and windows that are none.
        """
        for choice in self.windows:
            check_choice(choice)
        settings = self.settings
        if ENGINES[settings.engine].takes_weights:
            from napari_refusion.fusion.torch_engine import load

            load(settings.task, settings.weights)

    def fingerprint(self) -> dict[str, Any]:
        """Return all that a result depends on beside its sources and what is `asked` of them, as plain values.

        The device is left out, and so is where the weights lie: the result is the same on each.
        """
        chosen = {name: value for name, value in asdict(self.settings).items() if name not in ("device", "weights")}
        return chosen | {
            "windows": list(self.windows),
            "identified": self.identified,
            "weights_sha256": self.weights_sha256,
            "version": __version__,
            "results": RESULTS,
        }

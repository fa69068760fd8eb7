"""``python -m napari_refusion.cli``."""

from napari_refusion.cli.start import start

start()

"""``python -m napari_refusion.cli``."""

from napari_refusion.cli.main import app

app()

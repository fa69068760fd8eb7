"""The command line as ``python -m napari_refusion``, where its script is not on the path."""

from napari_refusion.cli.start import start

if __name__ == "__main__":
    start()

"""What a MONAI Bundle of ReFusion names in its ``inference.json``: pairs are read, fused and written as everywhere.

The bundle itself is written by ``training.export.to_bundle``. MONAI's command line needs ``napari-refusion[bundle]``.
"""

"""One folder with everything that a bare GPU machine needs to train: ``python -m training.pack``.

`reading` needs nothing but NumPy, PyTorch and Pillow; all else here writes the folder, where the package is installed.
"""

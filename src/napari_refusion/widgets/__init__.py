"""The napari plugin; the only floor that knows napari, Qt and magicgui."""

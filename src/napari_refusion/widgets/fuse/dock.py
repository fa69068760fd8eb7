"""The Fuse widget as the manifest names it: a third of the time that its modules take would be collecting garbage."""

from napari_refusion.widgets.collecting import uncollected

with uncollected():
    from napari_refusion.widgets.fuse.widget import FuseWidget

__all__ = ["FuseWidget"]

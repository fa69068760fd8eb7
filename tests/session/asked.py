"""Requests in other words."""

from dataclasses import replace

from napari_refusion.session.source import OpenedVolume, Request, Source, at_slice
from napari_refusion.volume.volume import Volume


def source(volume: Volume, window: str = "", modality: str = "") -> Source:
    """Return an opened volume as a source; its name is its key."""
    return Source(OpenedVolume(volume, volume.name), modality, window)


def with_settings(request: Request, **settings: str) -> Request:
    """Return a request with other settings."""
    return replace(request, settings=replace(request.settings, **settings))


def one_slice(request: Request, index: int = 2) -> Request:
    """Return a request for a single slice."""
    return replace(request, extent="slice", place=at_slice(index))

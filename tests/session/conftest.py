"""A pair of small volumes as sources, and small random weights."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from napari_refusion.fusion.partial import PartialFusion
from napari_refusion.record.project import Project
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.session.lesions.session import LesionSession
from napari_refusion.session.source import FuseSettings, Request, at_slice
from napari_refusion.volume.volume import Volume
from tests.lesion.uptake import blob
from tests.lesion.uptake import pet as pet_with
from tests.session.asked import source
from tests.session.listed import pair_of
from tests.small_pair import small_mri, small_pet, untrained


@pytest.fixture
def mri() -> Volume:
    return small_mri()


@pytest.fixture
def pet() -> Volume:
    return small_pet()


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fusion network that was never trained."""
    return untrained(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def request_all(mri: Volume, pet: Volume, weights: Path) -> Request:
    """Both volumes, all slices, seen from slice 2."""
    return Request(source(mri), source(pet), FuseSettings(weights=str(weights)), at_slice(2))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_project(tmp_path / "project")


@pytest.fixture
def store(project: Project) -> Iterator[Store]:
    with Store.open(project.folder, "R1") as opened:
        yield opened


@pytest.fixture
def partial() -> PartialFusion:
    """PET and MRI with one hot spot; tests of other things than lesions have a pair of their own."""
    return pair_of(pet_with(blob()))


@pytest.fixture
def session(partial: PartialFusion) -> LesionSession:
    """The lesions of that pair, none so far."""
    session = LesionSession()
    session.show_pair(partial)
    return session

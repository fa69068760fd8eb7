import math

import numpy as np
import pytest

from napari_refusion.fusion.baselines import average
from training.figures.catalogue import FIELD, FIGURES, PUBLISHED
from training.figures.measuring import KINDS, seen_figures
from training.figures.sets import TASKS, SourcePair


def pair(task: str) -> SourcePair:
    a, b = np.random.default_rng(0).random((2, 48, 48))
    tumour = np.zeros((48, 48), dtype=bool)
    tumour[20:28, 20:28] = True
    return SourcePair(a, b, task, tumour)


@pytest.mark.parametrize("task", sorted(set(TASKS.values())))
def test_every_task_has_the_figures_that_the_catalogue_gives_it_and_no_others(task: str) -> None:
    one = pair(task)
    image = average(one.a, one.b)
    measured = set().union(*(kind.measure(average, one, image) for kind in KINDS.values() if task in kind.tasks))
    known = {name for name, figure in FIGURES.items() if task in figure.tasks and name not in PUBLISHED}
    assert measured == known - {"background", "reader_loss", "reader_rms"}


def test_figures_that_take_further_fusions_are_measured_only_where_asked() -> None:
    one = pair("medical")
    calls: list[int] = []

    def counted(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        calls.append(1)
        return average(a, b)

    image = average(one.a, one.b)
    plain = SourcePair(one.a, one.b, "medical")
    few = seen_figures(counted, plain, image, is_probed=False)
    assert not calls
    assert math.isnan(few["contrast_transfer"])
    assert tuple(few) == tuple(FIGURES)
    assert seen_figures(counted, plain, image, is_probed=True)["contrast_transfer"] == pytest.approx(0.5)
    assert calls


def test_a_pair_that_is_not_medical_has_no_lesions() -> None:
    one = pair("multi_focus")
    figures = seen_figures(average, one, average(one.a, one.b), is_probed=True)
    assert all(math.isnan(figures[name]) for name in ("contrast_transfer", "hidden", "tumour_contrast"))
    assert figures["swapping"] == 0


def test_the_fields_figures_are_in_the_catalogue_and_every_figure_says_what_it_is() -> None:
    assert set(FIELD) <= set(FIGURES)
    assert all(figure.meaning and figure.source and figure.tasks for figure in FIGURES.values())

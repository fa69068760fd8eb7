"""One resolution of a registration: the measure, the optimiser, and its steps as they are made."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
from typing import Any, Final

from napari_refusion.volume.registration.levels import BINS

STEPS: Final = (4.0, 2.0, 1.0)
"""mm; by how much a voxel moves at most in one step of each level."""

RELAXATION: Final = 0.8
"""By which the steps shrink when the direction turns; with 0.5 the places found scatter five times as wide."""

SHORTEST_STEP: Final = 0.02
"""mm; below it a level is done."""

ITERATIONS: Final = 100
"""On each level, at most."""

POINTS: Final = 100_000
"""Voxels of the fixed volume sampled, at most; they are drawn at random with a fixed seed."""


def metric_of(images: tuple[Any, Any], mask: Any, transform: Any) -> float:  # noqa: ANN401
    """Return the mutual information of (fixed, moving) in nats."""
    method = method_for(transform, mask, STEPS[-1])
    _sampled(method, images[0])
    return -float(method.MetricEvaluate(*images))


def measured(pair: tuple[Any, Any], mask: Any, transform: Any) -> float:  # noqa: ANN401
    """Return the mutual information after a transform, 0 where too little meets."""
    try:
        return metric_of(pair, mask, transform)
    except RuntimeError:
        return 0.0


def optimise(method: Any, fixed: Any, moving: Any, stopped: Event) -> Iterator[float]:  # noqa: ANN401
    """Yield the mutual information after each step.

    SimpleITK returns only at the end, but calls back after every step and leaves Python to other threads meanwhile: so
    it runs in a thread of its own that fills a queue, and the first call after `stopped` was set, by whomever, stops
    it. Short bursts of a few steps would instead draw the voxels and begin with the longest step anew each time.
    """
    import SimpleITK

    metrics: SimpleQueue[float | None] = SimpleQueue()

    def report() -> None:
        if stopped.is_set():
            method.StopRegistration()
        metrics.put(-float(method.GetMetricValue()))

    _sampled(method, fixed)
    method.AddCommand(SimpleITK.sitkIterationEvent, report)
    with ThreadPoolExecutor(1) as thread:
        execution = thread.submit(method.Execute, fixed, moving)
        execution.add_done_callback(lambda _: metrics.put(None))
        thread.shutdown(wait=False)  # it ends with its work, also where it is never closed
        try:
            while (metric := metrics.get()) is not None:
                yield metric
        except GeneratorExit:
            stopped.set()
            raise
    execution.result()


def method_for(transform: Any, mask: Any, step: float) -> Any:  # noqa: ANN401
    """Return the registration of one level inside a mask of the fixed image, which changes `transform` in place."""
    import SimpleITK

    method = SimpleITK.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)  # the window needs the other one
    # Differences of neighbours at the points alone; the filter blurs them, which took a CT of 18 slices 3 mm off.
    method.MetricUseMovingImageGradientFilterOff()
    method.MetricUseFixedImageGradientFilterOff()
    method.SetMetricAsMattesMutualInformation(BINS)
    method.SetMetricFixedMask(mask)
    method.SetInterpolator(SimpleITK.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(step, SHORTEST_STEP, ITERATIONS, RELAXATION, 1e-8)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(transform, inPlace=True)
    return method


def _sampled(method: Any, fixed: Any) -> None:  # noqa: ANN401
    """Let a registration look at `POINTS` voxels of the fixed image, the same ones every time."""
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(min(1.0, POINTS / fixed.GetNumberOfPixels()), seed=1)

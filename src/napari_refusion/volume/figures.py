"""Values as they are written: four significant figures."""


def in_figures(value: float) -> str:
    """Return a value with four significant figures, a large one with all before the point: 12346, not 1.235e4."""
    return f"{value:.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.4g}"

"""Means of figures over pairs, for tables, and figures in the order of a file."""

import math
from collections.abc import Mapping, Sequence

from training.figures.catalogue import FIELD
from training.tables import Row


def means(rows: Sequence[Row]) -> Row:
    """Return the mean of every figure over the images, NaN left out."""
    known = {name: [row[name] for row in rows if not math.isnan(row[name])] for name in rows[0]}
    return {name: sum(values) / len(values) if values else math.nan for name, values in known.items()}


def averages(figures: Mapping[str, Mapping[str, Mapping[str, Row]]]) -> dict[str, dict[str, Row]]:
    """Return the means of each set and contender, of figures by set, contender and pair."""
    return {
        name: {label: means(list(rows.values())) for label, rows in by_label.items()}
        for name, by_label in figures.items()
    }


def field_only(found: Mapping[str, Mapping[str, Row]]) -> dict[str, dict[str, Row]]:
    """Return means with those figures alone that the project's published tables have."""
    return {
        name: {label: {figure: row[figure] for figure in FIELD} for label, row in by_label.items()}
        for name, by_label in found.items()
    }


def by_image(figures: Mapping[str, Mapping[str, Mapping[str, Row]]]) -> dict[str, dict[str, Row]]:
    """Return figures by contender and image; where there are several sets, the image's name begins with its set's."""
    labels = next(iter(figures.values()))
    return {
        label: {
            name if len(figures) == 1 else f"{group}/{name}": row
            for group, by_label in figures.items()
            for name, row in by_label[label].items()
        }
        for label in labels
    }

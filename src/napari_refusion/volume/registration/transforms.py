"""Rigid transforms of SimpleITK, and the matrices of moves."""

from typing import Any

import numpy as np

from napari_refusion.volume.affine import LPS_TO_RAS, Affine


def shifted(centre: list[float], axis: int = 0, millimetres: float = 0.0) -> Any:  # noqa: ANN401
    """Return a rigid transform about a centre, (3,) mm LPS, that shifts along one of the patient's axes."""
    import SimpleITK

    transform = SimpleITK.Euler3DTransform()
    transform.SetCenter(centre)
    transform.SetTranslation((np.eye(3)[axis] * millimetres).tolist())
    return transform


def from_fixed(matrix: Affine) -> Any:  # noqa: ANN401
    """Return the ITK transform of a move of the moving world, (4, 4) RAS+ mm: the inverse of `to_fixed`."""
    import SimpleITK

    inverse = LPS_TO_RAS @ np.linalg.inv(matrix) @ LPS_TO_RAS
    transform = SimpleITK.AffineTransform(3)
    transform.SetMatrix(inverse[:3, :3].ravel().tolist())
    transform.SetTranslation(inverse[:3, 3].tolist())
    return transform


def to_fixed(transform: Any) -> Affine:  # noqa: ANN401
    """Return the move of the moving world, (4, 4) RAS+ mm; ITK's transform takes fixed places to moving ones in LPS."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.reshape(transform.GetMatrix(), (3, 3))
    matrix[:3, 3] = transform.TransformPoint((0.0, 0.0, 0.0))
    return np.asarray(LPS_TO_RAS @ np.linalg.inv(matrix) @ LPS_TO_RAS)

"""A volume of labels whose true geometry is known: layers, bone, and a tendon that goes down."""

import math
from pathlib import Path

import nibabel
import numpy as np

SKIN, MUSCLE, BONE, TENDON = 2, 5, 7, 11
VOXEL_MM = 0.5
RADIUS_MM = 3.0
MIDDLE_MM = np.array([0.0, 0.0, 15.0])
"""Of the tendon, in the axes of the phantom."""
HEADING_DEG, FALL_DEG = 20.0, 8.0
"""The tendon's way: from X towards Y, and down."""
SKIN_MM, BONE_MM = 2.0, 28.0
WAY = np.array(
    [
        math.cos(math.radians(FALL_DEG)) * math.cos(math.radians(HEADING_DEG)),
        math.cos(math.radians(FALL_DEG)) * math.sin(math.radians(HEADING_DEG)),
        math.sin(math.radians(FALL_DEG)),
    ]
)
ORIGIN_MM = np.array([12.0, 40.0, -7.0])
"""The point of the skin, right, front and top; the skin looks to the front, X goes up."""
AXES = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""X, Y, Z of the phantom in those axes: Y = Z x X."""

MAP = f"""
title = "Leg from a volume"
summary = "A tendon over bone."

[place]
skin = "A"
along = "S"
origin_mm = [{ORIGIN_MM[0]}, {ORIGIN_MM[1]}, {ORIGIN_MM[2]}]

[background]
tissue = "subcutaneous_fat"

[label.{SKIN}]
name = "skin"
tissue = "skin_dermis"

[label.{MUSCLE}]
name = "muscle"
tissue = "muscle"
fibres = "S"

[label.{BONE}]
name = "bone"
tissue = "cortical_bone"

[label.{TENDON}]
name = "tendon"
tissue = "tendon"
fibres = "along"
""".replace('fibres = "S"', "fibres = [0, 0, 1]")


def labels_at(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The truth: label at places of the phantom, mm."""
    off = np.stack([x - MIDDLE_MM[0], y - MIDDLE_MM[1], z - MIDDLE_MM[2]])
    along = np.tensordot(WAY, off, axes=1)
    away = np.sqrt(np.maximum((off**2).sum(axis=0) - along**2, 0.0))
    label = np.full(z.shape, MUSCLE, np.uint8)
    label[z < 0] = 0
    label[(z >= 0) & (z < SKIN_MM)] = SKIN
    label[z > BONE_MM] = BONE
    label[away < RADIUS_MM] = TENDON
    return label


def write_volume(path: Path, dtype: type = np.uint8, tilt_deg: float = 3.0) -> Path:
    """The volume, its voxels tilted by a little and in an order of their own (S, L, P)."""
    t = math.radians(tilt_deg)
    tilt = np.array([[1, 0, 0], [0, math.cos(t), -math.sin(t)], [0, math.sin(t), math.cos(t)]])
    n = np.array([96, 100, 76])
    directions = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
    affine = np.eye(4)
    affine[:3, :3] = tilt @ directions * VOXEL_MM
    centre = ORIGIN_MM + AXES.T @ np.array([0.0, 0.0, 19.0])
    affine[:3, 3] = centre - affine[:3, :3] @ ((n - 1) / 2)
    ijk = np.indices(n).reshape(3, -1)
    ras = affine[:3, :3] @ ijk + affine[:3, 3:]
    x, y, z = AXES @ (ras - ORIGIN_MM[:, None])
    image = nibabel.Nifti1Image(labels_at(x, y, z).reshape(n).astype(dtype), affine)
    image.header.set_xyzt_units("mm")
    nibabel.save(image, path)
    return path

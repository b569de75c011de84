"""Where names of structures belong in a picture: worked out once for each place of the probe."""

from functools import lru_cache

import numpy as np

from phantoms import Phantom
from physics.frame import Frame
from physics.geometry import Pose

Place = tuple[str, float, float]
"""Text, and x and z in the probe frame, mm."""


def places_of_names(phantom: Phantom, frame: Frame) -> tuple[Place, ...]:
    """Every label of the phantom, each where the probe has put it, in the picture or not."""
    medium = frame.medium
    return _places(
        phantom,
        frame.pose,
        frame.probe.footprint_m / 2,
        float(np.abs(medium.x_m).max()),
        float(medium.z_m[-1] - medium.z0_m),
        frame.probe.sagitta_m,
    )


@lru_cache(maxsize=8)
def _places(
    phantom: Phantom,
    pose: Pose,
    half_face_m: float,
    wide_m: float,
    deepest_m: float,
    sagitta_m: float,
) -> tuple[Place, ...]:
    """All labels at once: under a pressed probe each look for a place costs milliseconds."""
    view = phantom.view(pose, half_face_m=half_face_m, wide_m=wide_m, deepest_m=deepest_m)
    found: list[Place] = []
    for labels in (
        [label for label in phantom.labels.values() if label.y_mm is None],
        [label for label in phantom.labels.values() if label.y_mm is not None],
    ):
        if not labels:
            continue
        x_m, z_m = (np.array([getattr(label, k) for label in labels]) * 1e-3
                    for k in ("x_mm", "z_mm"))  # fmt: skip
        flat = labels[0].y_mm is None
        y_m = None if flat else np.array([label.y_mm for label in labels], np.float64) * 1e-3
        x_seen, z_seen = view.seen_at(x_m, z_m, y_m)
        z_seen = z_seen - sagitta_m  # a convex face is pressed in
        for label, x, z in zip(labels, x_seen, z_seen, strict=True):
            found.append((label.text, 1e3 * float(x), 1e3 * float(z)))
    return tuple(found)

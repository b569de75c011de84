"""Numbers read from what is shown, and from how the scanner is set.

Grey is read from the picture as displayed, 0 (black) to 255, so gain, TGC, dynamic range, grey map
and filters all count. What is said to be of the *received* signal is read from the envelope after
compounding, gain and TGC, before it is compressed. NaN means that too little of the patch is in the
picture.
"""

import math

import numpy as np

from lessons.echo_measures import BLOCK_M
from lessons.lesson import Patch
from lessons.sight import Sight, patch_distance_m

_LEAST_BLOCK = 3
"""A slope needs this many values."""
_AGREE = 0.5
"""Length of the mean of vectors re their mean length, from which directions count as one."""
_SLOPE = 0.95
"""Slope from which a distance has one direction: it is 1 but where it has a kink or is cut off."""
_N_BIN = 64
"""Bins of the histograms whose overlap is taken: as many greys as a viewer tells apart, or more."""


def mean_grey(sight: Sight, patch: Patch) -> float:
    """Mean grey of the patch as displayed, 0 to 255."""
    return _over(sight, patch, lambda grey: float(grey.mean()))


def grey_spread(sight: Sight, patch: Patch) -> float:
    """Standard deviation of the patch's grey as displayed: texture and noise; 0 is a flat tone."""
    return _over(sight, patch, lambda grey: float(grey.std()))


def grey_difference(sight: Sight, patch: Patch, re: Patch) -> float:
    """Mean grey of one patch less that of another, as displayed."""
    return mean_grey(sight, patch) - mean_grey(sight, re)


def saturated_percent(sight: Sight, patch: Patch) -> float:
    """Share of the patch's pixels that are as white as can be, %."""
    return _over(sight, patch, lambda grey: 100.0 * float((grey == 255).mean()))


def black_percent(sight: Sight, patch: Patch) -> float:
    """Share of the patch's pixels that are black, %."""
    return _over(sight, patch, lambda grey: 100.0 * float((grey == 0).mean()))


def cnr(sight: Sight, patch: Patch, re: Patch) -> float:
    """Contrast-to-noise ratio of two patches as displayed: |difference of means| over the root of
    the sum of variances."""
    one, other = _grey(sight, patch), _grey(sight, re)
    if one is None or other is None:
        return math.nan
    spread = math.hypot(float(one.std()), float(other.std()))
    return abs(float(one.mean() - other.mean())) / spread if spread > 0.0 else math.nan


def gcnr(sight: Sight, patch: Patch, re: Patch) -> float:
    """Generalised contrast-to-noise ratio: 1 less the overlap of the two histograms of grey; 0 for
    patches that cannot be told apart, 1 for those that always can."""
    one, other = _grey(sight, patch), _grey(sight, re)
    if one is None or other is None:
        return math.nan
    shares = [np.histogram(grey, _N_BIN, (0, 256))[0] / grey.size for grey in (one, other)]
    return 1.0 - float(np.minimum(*shares).sum())


def grey_slope_per_cm(sight: Sight, patch: Patch) -> float:
    """How fast the displayed grey of the patch rises with depth, greys per cm."""
    inside = sight.pixels(patch)
    if inside is None:
        return math.nan
    frame = sight.frame
    _, z = frame.place_of(np.arange(frame.picture.shape[0]), np.zeros(1))
    depth = np.broadcast_to(z[:, None], inside.shape)[inside]
    return _slope_per_m(depth, frame.picture[inside].astype(float), np.mean) * 1e-2


def brightness_slope_db_per_cm(sight: Sight, patch: Patch) -> float:
    """How fast the received level of the patch (median, after gain and TGC) rises with depth,
    dB/cm."""
    inside = sight.samples(patch)
    if inside is None:
        return math.nan
    level_db = 20.0 * np.log10(np.maximum(sight.frame.envelope[inside], 1e-9))
    return _slope_per_m(sight.places_m()[1][inside], level_db, np.median) * 1e-2


def contrast_db(sight: Sight, patch: Patch, re: Patch) -> float:
    """Mean received amplitude of one patch re another, 20 log10, dB, noise and all."""
    means = []
    for one in (patch, re):
        inside = sight.samples(one)
        if inside is None:
            return math.nan
        means.append(float(sight.frame.envelope[inside].mean()))
    return 20.0 * math.log10(max(means[0], 1e-9) / max(means[1], 1e-9))


def speckle_snr(sight: Sight, patch: Patch) -> float:
    """Mean over standard deviation of the received amplitude in the patch: 1.91 for fully developed
    speckle, more when it was averaged."""
    inside = sight.samples(patch)
    if inside is None:
        return math.nan
    amplitude = sight.frame.envelope[inside]
    spread = float(amplitude.std())
    return float(amplitude.mean()) / spread if spread > 0.0 else math.nan


def fills_percent(sight: Sight, patch: Patch) -> float:
    """Height of what is seen of the target re the depth shown, %."""
    extent, frame = sight.extent_m(patch), sight.frame
    return 100.0 * (extent[3] - extent[2]) / (frame.bottom_m - frame.top_m)


def deep_edge_percent(sight: Sight, patch: Patch) -> float:
    """Where the target's deep edge lies in the picture, % of the depth shown."""
    extent, frame = sight.extent_m(patch), sight.frame
    return 100.0 * (extent[3] - frame.top_m) / (frame.bottom_m - frame.top_m)


def place_down_percent(sight: Sight, patch: Patch) -> float:
    """Where the target's middle lies: 0 at the top of the picture, 100 at its bottom."""
    extent, frame = sight.extent_m(patch), sight.frame
    middle = (extent[2] + extent[3]) / 2
    return 100.0 * (middle - frame.top_m) / (frame.bottom_m - frame.top_m)


def place_across_percent(sight: Sight, patch: Patch) -> float:
    """Where the target's middle lies: 0 at the left of the picture, 100 at its right."""
    extent, frame = sight.extent_m(patch), sight.frame
    middle = (extent[0] + extent[1]) / 2
    return 100.0 * (middle - frame.left_m) / (frame.right_m - frame.left_m)


def focus_distance_mm(sight: Sight, patch: Patch) -> float:
    """Distance in depth between the target's middle and the nearest focus, mm."""
    extent, frame = sight.extent_m(patch), sight.frame
    middle = (extent[2] + extent[3]) / 2
    return min(abs(f - middle) for f in frame.foci_m or (frame.settings.focus_m,)) * 1e3


def fibre_angle_deg(sight: Sight, patch: Patch) -> float:
    """Mean angle between beam and the normal of the fibres in the patch, degrees: 0 is square.

    In the picture plane from the lines of equal distance across the fibres, across it from how the
    fibres leave the plane (`Slice.fibre_lean`); a fibre that runs neither along nor across the
    plane has both, weighted by how far it runs along it.
    """
    frame, medium = sight.frame, sight.frame.medium
    if sight.samples(patch) is None:
        return math.nan
    inside = patch_distance_m(frame, patch, sight.region_names) < 0.0
    inside &= (medium.x_m[:, None] >= frame.left_m) & (medium.x_m[:, None] <= frame.right_m)
    inside &= (medium.z_m[None, :] >= frame.top_m) & (medium.z_m[None, :] <= frame.bottom_m)
    if not inside.any():
        return math.nan
    here = medium.region_frame[sight.region_names.index(patch.region)]
    step = (medium.dx_m, medium.dz_m)
    along_x, along_z = np.gradient(medium.along_m[here].astype(np.float64), *step)
    across_x, across_z = np.gradient(medium.across_m[here].astype(np.float64), *step)
    fibre = np.arctan2(-across_x, across_z)[inside]
    fibre = (fibre + np.pi / 2) % np.pi - np.pi / 2
    u, _ = frame.lines.locate(*np.broadcast_arrays(medium.x_m[:, None], medium.z_m[None, :]))
    beam = frame.lines.angle(u)[inside]
    # down to the right is positive for the fibre, to the right for the beam
    in_plane = np.tan(fibre + beam)
    if not medium.fibre_lean.size:
        return math.degrees(float(np.mean(np.abs(np.arctan(in_plane)))))
    share = np.minimum(along_x**2 + along_z**2, 1.0)[inside]
    lean = medium.fibre_lean[here][inside]
    return math.degrees(float(np.mean(np.arctan(np.hypot(in_plane * share, lean)))))


def vessel_angle_deg(sight: Sight, patch: Patch) -> float:
    """Angle between the beam and the long axis of a tube that the patch lies in, degrees: 90 is
    square to it, the angle of Doppler's cosine.

    The axis is square to the gradient of the distance to the wall. NaN where these directions do
    not agree, as in a tube cut across.
    """
    frame, medium = sight.frame, sight.frame.medium
    if sight.samples(patch) is None:
        return math.nan
    inside = patch_distance_m(frame, patch, sight.region_names) < 0.0
    inside &= (medium.x_m[:, None] >= frame.left_m) & (medium.x_m[:, None] <= frame.right_m)
    inside &= (medium.z_m[None, :] >= frame.top_m) & (medium.z_m[None, :] <= frame.bottom_m)
    if not inside.any():
        return math.nan
    wall = medium.distance_m[sight.region_names.index(patch.region)].astype(np.float64)
    out_x, out_z = np.gradient(wall, medium.dx_m, medium.dz_m)
    # on the axis, and deep in a wide tube, where the distance is cut off, it says nothing
    inside &= np.hypot(out_x, out_z) > _SLOPE
    if not inside.any():
        return math.nan
    u, _ = frame.lines.locate(*np.broadcast_arrays(medium.x_m[:, None], medium.z_m[None, :]))
    # from the beam to the normal of the wall; squared, so that both walls count alike
    normal = ((out_z + 1j * out_x) * np.exp(-1j * frame.lines.angle(u)))[inside] ** 2
    mean = normal.mean()
    if not abs(mean) > _AGREE * np.abs(normal).mean():
        return math.nan
    return 90.0 - abs(math.degrees(float(np.angle(mean)) / 2.0))


def _grey(sight: Sight, patch: Patch) -> np.ndarray | None:
    """The patch's greys, float64."""
    inside = sight.pixels(patch)
    return None if inside is None else sight.frame.picture[inside].astype(float)


def _over(sight, patch, summary) -> float:  # type: ignore[no-untyped-def]
    grey = _grey(sight, patch)
    return math.nan if grey is None else summary(grey)


def _slope_per_m(depth_m, value, middle) -> float:  # type: ignore[no-untyped-def]
    """Slope of the least-squares line through the middle values of blocks in depth."""
    block = np.floor(depth_m / BLOCK_M).astype(int)
    used = [b for b in np.unique(block) if (block == b).sum() >= 10]
    if len(used) < _LEAST_BLOCK:
        return math.nan
    places = [float(depth_m[block == b].mean()) for b in used]
    return float(np.polyfit(places, [float(middle(value[block == b])) for b in used], 1)[0])

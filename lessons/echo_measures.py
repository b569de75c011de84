"""Numbers read from the echoes: pure functions of a `Sight` and patches or wires of it.

Levels are taken from the echoes before gain and TGC sliders (`Frame.iq`), so turning those changes
none. What the scanner adds by itself against the average loss of soft tissue is added here too, so
that tissues at different depths compare as they do on its screen. A compounded frame gives its
middle look. NaN means that too little of the patch is in the picture.
"""

import math

import numpy as np

from lessons.lesson import Patch, Wire
from lessons.sight import Sight
from physics.frame import Frame

_MEDIAN_TO_MEAN_DB = 10.0 * math.log10(1.0 / math.log(2.0))
"""Mean re median of the power of speckle (which is exponentially distributed), dB."""

DETECTED = 1.4
"""Mean echo with noise re mean noise that counts as seen (in the manner of IEC 61391-2)."""

BLOCK_M = 2e-3
"""Depth over which one value of a profile along depth is averaged."""

_LEAST_REPEAT_M = 0.5e-3


def level_db(sight: Sight, patch: Patch) -> float:
    """Echo level of a patch of tissue, dB re a perfect plane mirror 20 mm deep.

    The median of |iq|^2 after the scanner's own compensation, scaled so that for speckle it
    equals the mean power, which is the backscatter. Unlike the mean it is not swayed by
    a few bright lines: septa in muscle, a bone surface next door.
    """
    return sight.once("level", patch, lambda: _level_db(sight, patch))


def _level_db(sight: Sight, patch: Patch) -> float:
    inside, frame = sight.samples(patch), sight.frame
    if inside is None:
        return math.nan
    gain = np.broadcast_to(sight.once("gain", None, lambda: _own_gain(frame)), inside.shape)
    iq = frame.iq[inside].astype(np.complex128)
    median = float(np.median((iq.real**2 + iq.imag**2) * gain[inside]))
    return 10.0 * math.log10(median) + _MEDIAN_TO_MEAN_DB if median > 0.0 else math.nan


def level_difference_db(sight: Sight, patch: Patch, re: Patch) -> float:
    """Echo level of one patch re another, dB."""
    return level_db(sight, patch) - level_db(sight, re)


def shadow_db(sight: Sight, patch: Patch, re: Patch) -> float:
    """How far the patch behind a target lies below one beside it at the same depth, dB; negative
    for enhancement."""
    return level_difference_db(sight, re, patch)


def level_below_best_db(level_db: float, best_db: float) -> float:
    """How far a level lies below `best_db`, dB: 0 at the best, positive below it.

    A level above `best_db` *is* the best, so the result is never negative; NaN stays NaN.
    """
    return math.nan if math.isnan(level_db) else max(best_db, level_db) - level_db


def signal_to_noise_db(sight: Sight, patch: Patch) -> float:
    """Mean power of echoes with noise re that of the receiver's noise, dB: 0 is noise alone."""
    inside, frame = sight.samples(patch), sight.frame
    if inside is None or not frame.noise.any():
        return math.nan
    heard, noise = (float(np.mean(np.abs(a[inside]) ** 2)) for a in (frame.iq, frame.noise))
    return 10.0 * math.log10(heard / noise)


def penetration_mm(sight: Sight, patch: Patch) -> float:
    """Depth of the deepest block of the patch whose mean echo is `DETECTED` times the mean noise,
    mm; 0 if none is."""
    inside, frame = sight.samples(patch), sight.frame
    if inside is None or not frame.noise.any():
        return math.nan
    _, z = sight.places_m()
    block = np.floor(z[inside] / BLOCK_M).astype(int)
    heard, noise = (np.bincount(block, np.abs(a[inside])) for a in (frame.iq, frame.noise))
    seen = np.nonzero(heard > DETECTED * np.maximum(noise, 1e-30))[0]
    seen = seen[noise[seen] > 0.0]
    return float(min((seen[-1] + 1) * BLOCK_M, z[inside].max())) * 1e3 if seen.size else 0.0


def lateral_width_mm(sight: Sight, wire: Wire) -> float:
    """Full width of a wire's echo across the lines where it has half its peak (-6 dB), mm."""
    at, frame = sight.echo_of(wire), sight.frame
    if at is None:
        return math.nan
    line, sample = at
    x, _ = sight.places_m()
    return _half_width_mm(np.abs(frame.iq[:, sample]), x[:, sample], line)


def axial_width_mm(sight: Sight, wire: Wire) -> float:
    """Full length of a wire's echo along the line where it has half its peak (-6 dB), mm."""
    at, frame = sight.echo_of(wire), sight.frame
    if at is None:
        return math.nan
    line, sample = at
    return _half_width_mm(np.abs(frame.iq[line]), frame.sample_z_m, sample)


def distance_error_percent(sight: Sight, wire: Wire, re: Wire) -> float:
    """Distance of two wires as shown re their true distance, less one, %."""
    echoes, places = [sight.echo_of(w) for w in (wire, re)], [sight.wire_m(w) for w in (wire, re)]
    (one, other), (here, there) = echoes, places
    if one is None or other is None or here is None or there is None:
        return math.nan
    x, z = sight.places_m()
    shown = math.hypot(x[one] - x[other], z[one] - z[other])
    return 100.0 * (shown / math.hypot(here[0] - there[0], here[1] - there[1]) - 1.0)


def repeat_spacing_mm(sight: Sight, patch: Patch) -> float:
    """Distance along the line at which the echoes of the patch repeat, mm: where the
    autocorrelation of their mean level has its first peak; NaN if there is none."""
    inside, frame = sight.samples(patch), sight.frame
    if inside is None:
        return math.nan
    rows = np.nonzero(inside.sum(axis=0) > 0)[0]
    amplitude = np.where(inside, np.abs(frame.iq), 0.0)[:, rows[0] : rows[-1] + 1]
    count = np.maximum(inside[:, rows[0] : rows[-1] + 1].sum(axis=0), 1)
    level = np.log(np.maximum(amplitude.sum(axis=0) / count, 1e-12))
    place = np.arange(level.size)
    level = level - np.polyval(np.polyfit(place, level, 1), place)
    like = np.correlate(level, level, "full")[level.size - 1 :]
    step_m = float(frame.sample_z_m[1] - frame.sample_z_m[0])
    below = np.nonzero(like < 0.0)[0]
    first = max(int(below[0]) if below.size else like.size, round(_LEAST_REPEAT_M / step_m))
    far = like[first : level.size * 2 // 3]
    if far.size < 3 or far.max() <= 0.2 * like[0]:
        return math.nan
    high = np.nonzero(far >= 0.8 * far.max())[0]
    end = high[0] + np.argmax(np.append(far[high[0] :] < 0.8 * far.max(), True))
    return float(first + high[0] + np.argmax(far[high[0] : end])) * step_m * 1e3


def _half_width_mm(amplitude: np.ndarray, place_m: np.ndarray, peak: int) -> float:
    """Distance between the two places beside the peak where the amplitude is half, linear between
    samples."""
    half = amplitude[peak] / 2.0
    ends = []
    for step in (-1, 1):
        i = peak
        while 0 <= i + step < amplitude.size and amplitude[i] > half:
            i += step
        if amplitude[i] > half:
            return math.nan  # it runs out of the picture
        back = i - step
        share = (half - amplitude[i]) / (amplitude[back] - amplitude[i])
        ends.append(place_m[i] + share * (place_m[back] - place_m[i]))
    return float(ends[1] - ends[0]) * 1e3


def _own_gain(frame: Frame) -> np.ndarray:
    """float64[n_sample]: power gain by depth with all sliders in the middle."""
    from physics.receive import tgc_curve_db  # brings the engine in, which is there by now

    settings = frame.settings
    curve_db = tgc_curve_db(
        frame.sample_z_m,
        frequency_hz=settings.frequency_hz,
        depth_m=settings.depth_m,
        tgc_db=(0.0,) * len(settings.tgc_db),
    )
    return 10.0 ** (curve_db / 10.0)

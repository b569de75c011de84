"""Persistence: each picture keeps a share of those before it (recursive frame averaging)."""

import math

import numpy as np

from physics.kernel import kernel
from physics.parallel import run_split

N_FRAMES = (1, 2, 3, 5, 9)
"""Frames that each level averages: a plain mean of as many would quieten noise as much.
Scanners offer about 3 to 9 (docs/model.md, "Persistence"); chosen for teaching."""

_SETTLED = 0.01
"""Weight of what was before the first frame of a probe held still, once that counts as settled."""

_LEAST_POWER = 1e-30
"""Power that stands for none: -300 dB re the mirror, far below the noise."""


def old_share(persistence: float) -> float:
    """p of this level: new picture = p x old + (1 - p) x new. Whole levels 0 to 4.

    p = (N - 1) / (N + 1), since the variance of noise falls to (1 - p) / (1 + p) = 1 / N.
    """
    n = N_FRAMES[round(persistence)]
    return (n - 1) / (n + 1)


def frames_to_settle(persistence: float) -> int:
    """Frames until less than a hundredth of the first one is left: p^n < 0.01; 0 if off."""
    p = old_share(persistence)
    return math.ceil(math.log(_SETTLED) / math.log(p)) if p > 0 else 0


def persist(raw: np.ndarray, history: np.ndarray | None, *, persistence: float) -> np.ndarray:
    """Echoes with the remembered level of earlier ones: complex64 [line, sample], re the mirror.

    raw : complex64 [line, sample], the newest echoes with their noise, before any gain.
    history : what this function returned for the frame before; None if there was none.

    Levels are averaged in decibels, as on a scanner that averages compressed pictures:
    level = p old + (1 - p) new. The phase stays that of the newest echoes. `raw` itself
    if persistence is off or there is no history.
    """
    if persistence == 0 or history is None:
        return raw
    kept = np.empty_like(raw)
    share = np.float32(old_share(persistence))
    run_split(_persist, raw.shape[0], raw, history, share, kept)
    return kept


@kernel
def _persist(first, last, raw, history, share, kept):
    """Geometric mean |old|^p |new|^(1-p) = |new| (|old|^2 / |new|^2)^(p/2), one log and one exp."""
    least = np.float32(_LEAST_POWER)
    half_share = np.float32(0.5) * share
    for b in range(first, last):
        for j in range(raw.shape[1]):
            new, old = raw[b, j], history[b, j]
            new_power = max(new.real * new.real + new.imag * new.imag, least)
            old_power = max(old.real * old.real + old.imag * old.imag, least)
            kept[b, j] = new * math.exp(half_share * math.log(old_power / new_power))

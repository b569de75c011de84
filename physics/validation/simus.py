"""`image_points` beside SIMUS (PyMUST): point targets.

Probe, focus, apertures, apodisation, pulse and time zero are those of the files; what is
compared is measured in the same way on both: lateral profile (largest envelope of each line in
the depth window, 0.01 mm apart), axial profile (the best line, 0.02 mm apart), cubic splines
through the dB values. Everything is compared as it is, at every target, with one tolerance.

The places of targets and lines are rounded to what was meant before they were stored in single
precision: on some lines an element lies exactly at the edge of the transmit aperture.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from physics.constants import HALF_AMPLITUDE_DB
from physics.point_echoes import image_points
from physics.probe import find_probe
from physics.settings import ScanSettings
from physics.validation.check import Check, at_most, short_of
from physics.validation.media import full_width, to_db

LINEAR = [
    f"a_points_L11-5v_f{frequency}MHz_tx{focus}mm_{world}"
    for frequency in ("10.00", "5.00", "7.60")
    for focus in (20, 35)
    for world in ("2d", "3d")
]
LOSSY = "a_points_L11-5v_f7.60MHz_tx20mm_3d_att0.5"
CONVEX = [f"d_points_C5-2v_f3.57MHz_tx60mm_{world}" for world in ("2d", "3d")]
POINTS = [*LINEAR, LOSSY, *CONVEX]
APODISATIONS = ("rect", "hann")
TOLERANCE_6, TOLERANCE_20 = 0.04, 0.08
PROFILE_DB, LEVEL_DB, LOSS_DB = 1.5, 1.0, 0.7
WINDOW_M = np.arange(-150, 251) * 10e-6
FIRST_DEPTH_MM = 12
"""Where the peer's lens is within 0.3 dB of direct integration: levels are judged from here."""
PEER = "SIMUS (PyMUST 0.1.9)"
ON_THE_THRESHOLD = [(LINEAR[2], "rect", 17), (LINEAR[9], "rect", 6), (LINEAR[9], "rect", 11)]
"""Lateral profiles, of targets beside the axis, with a minimum within 0.03 dB of -20 dB."""
ON_A_SHOULDER = (
    "three profiles of 430 beside the axis have a minimum within 0.03 dB of -20 dB, so which side "
    "of it the minimum lies on decides over the width; above -22 dB they follow the peer within "
    "0.03 dB"
)


class Reference:
    """One file of point targets."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        with np.load(folder / f"{name}.npz") as stored:
            self.data = dict(stored)
        self.meta = json.loads(str(self.data["meta"]))
        self.probe = find_probe(self.meta["probe"])
        self.planar = "_2d" in name
        self.offset = np.round(self.data["lat_offset"].astype(float), 8)
        """Lateral offsets as in the file: m, or degrees on the convex array."""
        self.n_target = self.data["target_x"].size
        self.on_axis = np.flatnonzero(self.data["target_x"] == 0)

    def depth_mm(self, target: int) -> int:
        """Range of a target, to the millimetre."""
        return round(float(self.data["target_range"][target]) * 1e3)

    def lines(self, target: int, reach: float = math.inf) -> tuple[np.ndarray, np.ndarray]:
        """Which lines of the file's profile, within `reach` of the target, and where they are."""
        chosen = np.flatnonzero(np.abs(self.offset) <= reach)
        level = self.data["lat_profile_dB"][0, target, chosen]
        chosen = chosen[np.isfinite(level)]
        key = "target_theta" if self.probe.is_convex else "target_x"
        centre = float(self.data[key][target])
        if self.probe.is_convex:
            return chosen, centre + np.radians(self.offset[chosen])
        return chosen, round(centre, 6) + self.offset[chosen]

    def image(self, apodisation: str, target: int, line_u: np.ndarray) -> np.ndarray:
        """Envelope of one target: [line, sample of WINDOW_M]."""
        x, z = (round(float(self.data[key][target]), 9) for key in ("target_x", "target_z"))
        iq = image_points(
            np.array([x]),
            np.array([z]),
            np.ones(1),
            probe=self.probe,
            settings=settings_of(self.meta, apodisation),
            line_u=line_u,
            sample_z_m=float(self.data["target_range"][target]) + WINDOW_M,
            attenuation_db_cm_mhz=self.meta["attenuation_dB_cm_MHz"],
            planar=self.planar,
        )
        return np.abs(iq)


def settings_of(meta: dict, apodisation: str) -> ScanSettings:
    """The knobs as a file has them."""
    return ScanSettings(
        frequency_hz=meta["fc"],
        focus_m=meta["tx_focus"],
        tx_f_number=meta["tx_fnum"],
        rx_f_number=meta["rx_fnum"],
        tx_apodisation="rect",
        rx_apodisation=apodisation,
    )


@lru_cache
def reference(folder: Path, name: str) -> Reference:
    """One file, read once."""
    return Reference(folder, name)


class Compared:
    """One target: profiles of both, and what they differ in."""

    def __init__(self, ref: Reference, apodisation: str, target: int, reach: float) -> None:
        a = APODISATIONS.index(apodisation)
        chosen, line_u = ref.lines(target, reach)
        if target in ref.on_axis:  # it is seen alike from both sides
            envelope = ref.image(apodisation, target, line_u[line_u > -1e-9])
            envelope = np.concatenate([envelope[:0:-1], envelope])
        else:
            envelope = ref.image(apodisation, target, line_u)
        lateral = to_db(envelope.max(axis=1))
        self.peak_db = float(lateral.max())
        theirs = ref.data["lat_profile_dB"][a, target, chosen].astype(float)
        there = theirs > theirs.max() - 40
        difference = (lateral - lateral.max()) - (theirs - theirs.max())
        top = theirs > theirs.max() - 22
        self.top_db = float(np.abs(difference[top]).max())
        self.profile_db = math.sqrt(np.mean(difference[there] ** 2))
        axial = ref.data["ax_profile_dB"][a, target].astype(float)
        best = int(theirs.argmax())  # of two lines within 0.001 dB the one that they took
        self.profiles = {
            "lateral": (ref.offset[chosen], lateral, theirs),
            "axial": (WINDOW_M[::2], to_db(envelope[best, ::2]), axial),
        }
        self.widths = {
            (direction, level): (full_width(place, ours, level), full_width(place, other, level))
            for direction, (place, ours, other) in self.profiles.items()
            for level in (HALF_AMPLITUDE_DB, -20.0)
        }
        self.width = {key: ours / theirs - 1 for key, (ours, theirs) in self.widths.items()}


@lru_cache(maxsize=4096)
def compared(
    folder: Path, name: str, apodisation: str, target: int, reach: float = math.inf
) -> Compared:
    """One target, computed once."""
    return Compared(reference(folder, name), apodisation, target, reach)


def near(name: str) -> float:
    """Half of the profile that holds its -20 dB width, with room for the spline."""
    return 3.0 if "C5-2v" in name else 2.1e-3 if "f5.00" in name else 1.5e-3


def target_checks(
    folder: Path,
    names: Sequence[str],
    apodisations: Sequence[str],
    targets_of: Mapping[str, Iterable[int]],
    where: str,
    reach: float | None = None,
) -> list[Check]:
    """The worst of these targets in widths, profiles, and from 12 mm down levels re the target at
    the focus; three widths on the threshold by themselves."""
    worst: dict[tuple[str, float], float] = {}
    profile = level = excused = 0.0
    n_profile = n_excused = 0
    for name in names:
        ref = reference(folder, name)
        span = near(name) if reach is None else reach
        for apodisation in apodisations:
            theirs = ref.data["peak_sum_dB"][APODISATIONS.index(apodisation)]
            zero = compared(folder, name, apodisation, ref.meta["reference_target"], span).peak_db
            for target in targets_of[name]:
                found = compared(folder, name, apodisation, int(target), span)
                n_profile += 1
                for key, error in found.width.items():
                    known = (name, apodisation, target) in ON_THE_THRESHOLD
                    if known and key == ("lateral", -20.0):
                        n_excused, excused = n_excused + 1, max(excused, abs(error))
                        continue
                    if math.isnan(error):  # one of both never falls that low
                        error = math.inf
                    worst[key] = max(worst.get(key, 0.0), abs(error))
                profile = max(profile, found.profile_db)
                if ref.depth_mm(target) >= FIRST_DEPTH_MM:
                    level = max(level, abs(found.peak_db - zero - theirs[target]))
    what = f"{n_profile} profiles of targets {where}"
    words: dict[str, Any] = {"source": PEER}
    checks = [
        at_most(
            f"{what}: {direction} width at {limit_db:.0f} dB, largest error", 100 * error,
            100 * (TOLERANCE_20 if limit_db == -20 else TOLERANCE_6), unit="%", **words,
        )
        for (direction, limit_db), error in worst.items()
    ]  # fmt: skip
    checks += [
        at_most(f"{what}: lateral profile above -40 dB, largest rms difference", profile,
                PROFILE_DB, unit="dB", **words),
        at_most(f"{what}: level re the focus from 12 mm down, largest error", level, LEVEL_DB,
                unit="dB", **words),
    ]  # fmt: skip
    if n_excused:
        checks.append(
            short_of(
                at_most(f"{n_excused} of them on the threshold: lateral width at -20 dB, largest "
                        "error", 100 * excused, 100 * TOLERANCE_20, unit="%", **words),
                ON_A_SHOULDER,
                worst=2.5,
            )
        )  # fmt: skip
    return checks


def loss_check(folder: Path, apodisation: str) -> Check:
    """Peak with 0.5 dB/cm/MHz over peak without, all on-axis targets."""
    a = APODISATIONS.index(apodisation)
    lossless = LOSSY.removesuffix("_att0.5")
    worst = 0.0
    for target in reference(folder, LOSSY).on_axis:
        ours = [
            compared(folder, name, apodisation, int(target), near(name)).peak_db
            for name in (LOSSY, lossless)
        ]
        theirs = [
            to_db(reference(folder, name).data["peak_sum_raw"][a, target])
            for name in (LOSSY, lossless)
        ]
        worst = max(worst, abs((ours[0] - ours[1]) - (theirs[0] - theirs[1])))
    return at_most(
        f"loss at 0.5 dB/cm/MHz, all targets on the axis, {apodisation}: largest error", worst,
        LOSS_DB, unit="dB", source=PEER,
    )  # fmt: skip

"""`image_points` and the lens beside SIMUS (PyMUST): fields, slice thickness, speckle pictures."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from physics.apodisation import apodisation_weights
from physics.constants import HALF_AMPLITUDE_DB, MACHINE_SPEED_M_S
from physics.elevation import elevation_field
from physics.point_echoes import image_points
from physics.probe import find_probe
from physics.pulse import burst_spectrum, probe_response
from physics.validation.check import Check, about, at_least, at_most
from physics.validation.media import full_width, to_db
from physics.validation.simus import PEER, settings_of

FIELDS = [f"b_field_L11-5v_f{f}MHz_tx{focus}mm" for f in ("5.00", "7.60") for focus in (10, 20, 35)]
FIELD_FLOOR_DB, FIELD_DB = -30.0, 1.0
SLICE = 0.10
CYSTS = ("2d", "3d")


@dataclass(frozen=True, eq=False)
class TwoWay:
    """What the line at x = 0 hears of single points, dB re its largest: [depth, place]."""

    place_m: np.ndarray
    depth_m: np.ndarray
    ours_db: np.ndarray
    theirs_db: np.ndarray

    @property
    def difference_db(self) -> float:
        """rms above the floor."""
        heard = self.theirs_db > FIELD_FLOOR_DB
        return math.sqrt(np.mean((self.ours_db - self.theirs_db)[heard] ** 2))


@lru_cache(maxsize=32)
def two_way_field(folder: Path, name: str, world: str, apodisation: str, every: int) -> TwoWay:
    """Both fields on every `every`-th column; what lies below -35 dB is not computed."""
    with np.load(folder / f"{name}.npz") as stored:
        data = dict(stored)
    meta = json.loads(str(data["meta"]))
    place = np.round(data["xt"].astype(float), 7)[::every]
    depth = np.round(data["zt"].astype(float), 7)
    theirs = data[f"twoway_{world}_{apodisation}_dB"].astype(float)[:, ::every]
    ours = np.zeros(theirs.shape)
    window = np.arange(-1.5e-3, 4e-3, 20e-6)
    probe, settings = find_probe(meta["probe"]), settings_of(meta, apodisation)
    for i, j in zip(*np.nonzero(theirs >= FIELD_FLOOR_DB - 5), strict=True):
        iq = image_points(
            place[j : j + 1], depth[i : i + 1], np.ones(1), probe=probe, settings=settings,
            line_u=np.zeros(1), sample_z_m=depth[i] + window, planar=world == "2d",
        )  # fmt: skip
        ours[i, j] = np.abs(iq).max()
    return TwoWay(place, depth, to_db(ours) - to_db(ours).max(), theirs)


def field_check(folder: Path, name: str, world: str, apodisation: str, every: int) -> Check:
    """rms difference of the two-way field above -30 dB."""
    found = two_way_field(folder, name, world, apodisation, every).difference_db
    return at_most(
        f"two-way field above -30 dB, {name.removeprefix('b_field_')}, {world}, {apodisation}: rms",
        found, FIELD_DB, unit="dB", source=PEER, group="two-way field above -30 dB, rms",
    )  # fmt: skip


def slice_widths(folder: Path, name: str) -> Iterator[tuple[float, float, float]]:
    """Depth, and one-way -6 dB thickness of the transmitted field in the plane x = 0 of both, m, at
    every second depth at which the map holds it."""
    with np.load(folder / f"{name}.npz") as stored:
        data = dict(stored)
    meta = json.loads(str(data["meta"]))
    probe, settings = find_probe(meta["probe"]), settings_of(meta, "rect")
    y, depth = data["y"].astype(float), data["z_elev"].astype(float)
    hz = np.linspace(0.3, 1.7, 43) * meta["fc"]
    pulse = burst_spectrum(hz, meta["fc"], 1.0)
    pulse = pulse * probe_response(hz, meta["fc"], probe.bandwidth, "one-way")
    k = 2 * np.pi * hz[:, None] / MACHINE_SPEED_M_S
    element = probe.element_u
    half = settings.focus_m / (2 * settings.tx_f_number)
    sent = apodisation_weights("rect", np.abs(element) / half)
    used = element[(sent > 0) & (element > 0)]  # the other half is its mirror image
    focus = np.hypot(used, settings.focus_m)
    for i, z in list(enumerate(depth))[::2]:
        r = np.hypot(used, z)
        wave = np.exp(1j * k * (focus - r)) * z / r**2 * pulse[:, None]
        lens = elevation_field(
            hz, y, r, height_m=probe.height_m, elevation_focus_m=probe.elevation_focus_m
        )
        field = np.einsum("fe,fye->fy", wave, lens)
        level = to_db(np.sqrt(np.sum(np.abs(field) ** 2, axis=0)))
        theirs = data["oneway_elev_plane_dB"][i].astype(float)
        widths = []
        for side in (level, theirs):
            both = np.concatenate([side[:0:-1], side])
            if both[0] - both.max() > HALF_AMPLITUDE_DB:
                break
            widths.append(full_width(np.concatenate([-y[:0:-1], y]), both, HALF_AMPLITUDE_DB))
        if len(widths) == 2:
            yield float(z), widths[0], widths[1]


def slice_check(folder: Path, name: str) -> Check:
    """Largest error of the slice thickness."""
    found = list(slice_widths(folder, name))
    error = max(abs(ours / theirs - 1) for _, ours, theirs in found)
    return at_most(
        f"slice thickness, {name.removeprefix('b_field_')}, {len(found)} depths: largest error",
        100 * error, 100 * SLICE, unit="%", source=PEER, group="slice thickness",
    )  # fmt: skip


class Cyst:
    """A picture of 28 916 scatterers about a cyst, on every `every`-th line."""

    def __init__(self, folder: Path, world: str, every: int) -> None:
        with np.load(folder / f"c_cyst_L11-5v_f7.60MHz_tx20mm_{world}.npz") as stored:
            self.data = dict(stored)
        self.world, self.every, self.planar = world, every, world == "2d"
        self.meta = json.loads(str(self.data["meta"]))
        self.line = np.round(self.data["x_lines"].astype(float), 7)[::every]
        self.depth = np.round(self.data["depth"].astype(float), 7)

    @lru_cache(maxsize=4)  # noqa: B019 (a handful of these live as long as the program)
    def image(self, apodisation: str) -> np.ndarray:
        """Our IQ: complex [line, depth]."""
        return image_points(
            self.data["sx"].astype(float),
            self.data["sz"].astype(float),
            self.data["rc"].astype(float),
            probe=find_probe(self.meta["probe"]),
            settings=settings_of(self.meta, apodisation),
            line_u=self.line,
            sample_z_m=self.depth,
            planar=self.planar,
        )

    def theirs_db(self, apodisation: str) -> np.ndarray:
        """Their envelope, dB."""
        return self.data[f"env_dB_{apodisation}"].astype(float)[:: self.every]

    def contrast(self, level_db: np.ndarray) -> tuple[float, float]:
        """CR (means of the envelope, dB) and gCNR (100 bins of dB, not below -100)."""
        cx, cz, radius, _ = self.meta["cysts"][0]
        x, z = np.meshgrid(self.line - cx, self.depth - cz, indexing="ij")
        inside = np.hypot(x, z) <= 0.7 * radius
        beside = (np.abs(x) >= 1.3 * radius) & (np.abs(x) <= 1.3 * radius + 1.4e-3)
        outside = beside & (np.abs(z) <= 0.7 * radius)
        level = np.maximum(level_db - level_db.max(), -100)
        means = [np.mean(10 ** (level[part] / 20)) for part in (inside, outside)]
        edges = np.linspace(level.min(), level.max(), 101)
        shares = [np.histogram(level[part], edges)[0] / part.sum() for part in (inside, outside)]
        return float(to_db(means[0] / means[1])), float(1 - np.minimum(*shares).sum())


@lru_cache(maxsize=4)
def cyst(folder: Path, world: str, every: int) -> Cyst:
    """One picture, read once."""
    return Cyst(folder, world, every)


def cyst_checks(found: Cyst, apodisation: str) -> list[Check]:
    """Correlation, level and contrast, speckle for speckle; of whole pictures also the figures that
    the files state, and with even weights the sign of the phase."""
    iq, theirs = found.image(apodisation), found.theirs_db(apodisation)
    envelope = np.abs(iq)
    correlation = np.corrcoef(envelope.ravel(), 10 ** (theirs.ravel() / 20))[0, 1]
    ours = to_db(envelope)
    ours, theirs = ours - ours.max(), theirs - theirs.max()
    rms = math.sqrt(np.mean((ours - theirs)[theirs > -40] ** 2))
    cr, gcnr = zip(found.contrast(ours), found.contrast(theirs), strict=True)
    what = f"picture of 28 916 scatterers, {found.world}, {apodisation}, {found.line.size} lines"

    def words(kind: str) -> dict[str, Any]:
        return {"claim": f"{what}: {kind}", "group": kind, "source": PEER}

    checks = [
        at_least(measured=correlation, limit=0.985, **words("correlation of envelopes")),
        at_most(measured=rms, limit=1.5, unit="dB", **words("rms over the top 40 dB")),
        about(measured=cr[0], expected=cr[1], abs_=3.0, unit="dB", **words("contrast of a cyst")),
        about(measured=gcnr[0], expected=gcnr[1], abs_=0.03, **words("gCNR of a cyst")),
    ]
    if found.every == 1:
        stated = found.meta["metrics"][apodisation][0]
        checks += [
            about(measured=cr[0], expected=stated["CR_dB"], abs_=3.0, unit="dB",
                  **words("contrast re that stated")),
            about(measured=gcnr[0], expected=stated["gCNR"], abs_=0.03,
                  **words("gCNR re that stated")),
        ]  # fmt: skip
    if apodisation == "rect":
        complex_theirs = found.data["iq_rect"][:: found.every]
        together = np.vdot(complex_theirs, iq[:, ::2])
        norm = np.linalg.norm(complex_theirs) * np.linalg.norm(iq[:, ::2])
        checks.append(
            at_least(measured=together.real / norm, limit=0.985,
                     **words("correlation of the complex signals"))
        )  # fmt: skip
    return checks

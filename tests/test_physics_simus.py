"""The engine against SIMUS: every on-axis target and the speckle pictures of `shared/reference`.

Probe, focus, apertures, apodisation, pulse and time zero are those of the files; what is
compared is measured in the same way on both: lateral profile (largest envelope of each line
in the depth window), axial profile (the best line), cubic splines through the dB values.

Three things are said here once:

*Shoulders.* With a rectangular receiving aperture, and at the tail of a one-cycle pulse, some
-20 dB widths of the reference lie on a shoulder of its own profile: moved by 1 dB the
threshold gives a width that differs by more than the tolerance, up to twofold. Two exact
programs agree to 0.7 dB rms (the reference's README), so such a width is not defined by it.
All widths are compared at -20 dB first. One that fails there is excused only if it is listed
in `SHOULDERS`, and it must then agree at the nearest level that is well defined in the
reference; a test holds the list to the reference.

*The lens.* PyMUST replaces the lens by four Gaussians (Garcia 2022, eq. 18), which is up to
1.6 dB off nearer than 12 mm (README). At the nearest three-dimensional target that is seen in
the pulse's length (10 MHz, 10 mm: 53 % with rectangular apertures). With the same Gaussians
in the engine, lengths agree; lateral widths and levels are compared with the engine's own
lens at every target.

*The end of the profiles.* Lines within 1.2 mm (2.1 mm at 5 MHz, 3 degrees on the convex array)
of the target are computed, on one side: what an on-axis target sees is symmetric.
"""

import json
import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from media import full_width, to_db
from scipy.interpolate import CubicSpline

from physics import point_echoes
from physics.constants import HALF_AMPLITUDE_DB
from physics.point_echoes import image_points
from physics.probe import find_probe
from physics.settings import ScanSettings

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "reference"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the reference data are not here: there is no folder {FOLDER}"
)
POINTS = [
    "a_points_L11-5v_f10.00MHz_tx20mm_2d",
    "a_points_L11-5v_f10.00MHz_tx20mm_3d",
    "a_points_L11-5v_f10.00MHz_tx35mm_2d",
    "a_points_L11-5v_f10.00MHz_tx35mm_3d",
    "a_points_L11-5v_f5.00MHz_tx20mm_2d",
    "a_points_L11-5v_f5.00MHz_tx20mm_3d",
    "a_points_L11-5v_f5.00MHz_tx35mm_2d",
    "a_points_L11-5v_f5.00MHz_tx35mm_3d",
    "a_points_L11-5v_f7.60MHz_tx20mm_2d",
    "a_points_L11-5v_f7.60MHz_tx20mm_3d",
    "a_points_L11-5v_f7.60MHz_tx20mm_3d_att0.5",
    "a_points_L11-5v_f7.60MHz_tx35mm_2d",
    "a_points_L11-5v_f7.60MHz_tx35mm_3d",
    "d_points_C5-2v_f3.57MHz_tx60mm_2d",
    "d_points_C5-2v_f3.57MHz_tx60mm_3d",
]
APODISATIONS = ("rect", "hann")
MARGIN_DB = 1.0
TOLERANCE_6, TOLERANCE_20 = 0.05, 0.10
AX_STEP_M = 20e-6
WINDOW_M = np.arange(-1.5e-3, 2.5e-3 + 1e-9, AX_STEP_M)


class Reference:
    """One file of point targets."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = dict(np.load(FOLDER / f"{name}.npz"))
        self.meta = json.loads(str(self.data["meta"]))
        self.probe = find_probe(self.meta["probe"])
        self.planar = "_2d" in name
        self.offset = self.data["lat_offset"].astype(float)
        """Lateral offsets as in the file: m, or degrees on the convex array."""
        self.to_u = math.pi / 180 if self.probe.is_convex else 1.0
        self.on_axis = np.flatnonzero(self.data["target_x"] == 0)

    def settings(self, apodisation: str) -> ScanSettings:
        return ScanSettings(
            frequency_hz=self.meta["fc"],
            focus_m=self.meta["tx_focus"],
            tx_f_number=self.meta["tx_fnum"],
            rx_f_number=self.meta["rx_fnum"],
            tx_apodisation="rect",
            rx_apodisation=apodisation,
        )

    def lateral(self, apodisation: str, target: int) -> tuple[np.ndarray, np.ndarray]:
        level = self.data["lat_profile_dB"][APODISATIONS.index(apodisation), target].astype(float)
        there = np.isfinite(level)
        return self.offset[there], level[there] - level[there].max()

    def axial(self, apodisation: str, target: int) -> tuple[np.ndarray, np.ndarray]:
        level = self.data["ax_profile_dB"][APODISATIONS.index(apodisation), target].astype(float)
        return self.data["ax_offset_profile"].astype(float), level - level.max()

    def image(self, apodisation: str, target: np.ndarray, line_u: np.ndarray) -> np.ndarray:
        """Envelope of some targets: [line, target, sample of WINDOW_M]."""
        data = {k: self.data[k][target].astype(float) for k in ("target_x", "target_z")}
        depth = self.data["target_range"][target].astype(float)
        iq = image_points(
            data["target_x"],
            data["target_z"],
            np.ones(target.size),
            probe=self.probe,
            settings=self.settings(apodisation),
            line_u=line_u,
            sample_z_m=(depth[:, None] + WINDOW_M).ravel(),
            attenuation_db_cm_mhz=self.meta["attenuation_dB_cm_MHz"],
            planar=self.planar,
        )
        return np.abs(iq).reshape(line_u.size, target.size, WINDOW_M.size)


@lru_cache
def reference(name: str) -> Reference:
    return Reference(name)


@lru_cache
def on_axis_image(name: str, apodisation: str) -> np.ndarray:
    """All on-axis targets (5 mm or more apart in depth): [line, target, sample]."""
    ref = reference(name)
    reach = 3.0 if ref.probe.is_convex else 2.1e-3 if ref.meta["fc"] < 7e6 else 1.2e-3
    line_u = ref.offset[(ref.offset > -1e-9) & (ref.offset <= reach)] * ref.to_u
    if not ref.probe.is_convex:
        return ref.image(apodisation, ref.on_axis, line_u)
    # far apart in depth: one by one is less work than the depths between them
    each = [ref.image(apodisation, ref.on_axis[i : i + 1], line_u) for i in range(5)]
    return np.concatenate(each, axis=1)


def lateral_profile(envelope: np.ndarray) -> np.ndarray:
    """dB by offset, both sides, of one target's half image [line, sample]."""
    level = to_db(envelope.max(axis=1))
    level = np.concatenate([level[:0:-1], level])
    return level - level.max()


def axial_profile(envelope: np.ndarray) -> np.ndarray:
    level = to_db(envelope[envelope.max(axis=1).argmax()])
    return level - level.max()


def extrema(place: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Levels of the minima and maxima beside the main peak, dB, down to -35."""
    fine = CubicSpline(place, level)(np.linspace(place[0], place[-1], 50 * place.size))
    slope = np.sign(np.diff(fine))
    found = fine[1:-1][slope[1:] != slope[:-1]]
    return found[(found > -35) & (found < -3)]


def defined_level(place: np.ndarray, level: np.ndarray) -> float:
    """-20 dB, or the nearest level at which this profile has a width: MARGIN_DB or more from
    its minima and maxima, and changing by less than the tolerance within MARGIN_DB."""
    turns = extrema(place, level)

    def is_defined(threshold: float) -> bool:
        if np.any(np.abs(turns - threshold) < MARGIN_DB):
            return False
        width = full_width(place, level, threshold)
        around = [full_width(place, level, threshold + d) for d in (-MARGIN_DB, MARGIN_DB)]
        return all(abs(w / width - 1) <= TOLERANCE_20 for w in around)

    steps = [0.1 * s * sign for s in range(70) for sign in (1, -1)]
    return next(-20 + step for step in steps if is_defined(-20 + step))


# Widths at -20 dB that need the rule: (file, apodisation, range in mm, direction).
SHOULDERS: set[tuple[str, str, int, str]] = {
    ("a_points_L11-5v_f10.00MHz_tx20mm_2d", "rect", 15, "axial"),
    ("a_points_L11-5v_f10.00MHz_tx35mm_2d", "hann", 10, "axial"),
    ("a_points_L11-5v_f10.00MHz_tx35mm_2d", "hann", 20, "axial"),
    ("a_points_L11-5v_f10.00MHz_tx35mm_3d", "hann", 20, "axial"),
    ("a_points_L11-5v_f5.00MHz_tx20mm_2d", "hann", 15, "axial"),
    ("a_points_L11-5v_f5.00MHz_tx20mm_3d", "rect", 30, "lateral"),
    ("a_points_L11-5v_f5.00MHz_tx20mm_3d", "rect", 40, "lateral"),
    ("a_points_L11-5v_f5.00MHz_tx35mm_2d", "hann", 40, "axial"),
    ("a_points_L11-5v_f5.00MHz_tx35mm_2d", "rect", 15, "lateral"),
    ("a_points_L11-5v_f5.00MHz_tx35mm_3d", "rect", 10, "lateral"),
    ("a_points_L11-5v_f5.00MHz_tx35mm_3d", "rect", 15, "lateral"),
    ("a_points_L11-5v_f5.00MHz_tx35mm_3d", "rect", 20, "lateral"),
    ("a_points_L11-5v_f7.60MHz_tx20mm_2d", "hann", 10, "axial"),
    ("a_points_L11-5v_f7.60MHz_tx20mm_2d", "rect", 10, "axial"),
    ("a_points_L11-5v_f7.60MHz_tx20mm_2d", "rect", 15, "axial"),
    ("a_points_L11-5v_f7.60MHz_tx20mm_3d", "rect", 15, "lateral"),
    ("a_points_L11-5v_f7.60MHz_tx20mm_3d_att0.5", "rect", 15, "lateral"),
    ("a_points_L11-5v_f7.60MHz_tx35mm_2d", "rect", 10, "axial"),
    ("a_points_L11-5v_f7.60MHz_tx35mm_2d", "rect", 20, "axial"),
    ("a_points_L11-5v_f7.60MHz_tx35mm_2d", "rect", 30, "lateral"),
    ("a_points_L11-5v_f7.60MHz_tx35mm_3d", "hann", 15, "axial"),
    ("a_points_L11-5v_f7.60MHz_tx35mm_3d", "rect", 20, "axial"),
    ("d_points_C5-2v_f3.57MHz_tx60mm_2d", "hann", 40, "axial"),
    ("d_points_C5-2v_f3.57MHz_tx60mm_2d", "hann", 80, "axial"),
    ("d_points_C5-2v_f3.57MHz_tx60mm_2d", "rect", 20, "axial"),
    ("d_points_C5-2v_f3.57MHz_tx60mm_2d", "rect", 20, "lateral"),
    ("d_points_C5-2v_f3.57MHz_tx60mm_2d", "rect", 40, "lateral"),
}

NEAR_LENS = {
    name: 20 if name.startswith("d_") else 10
    for name in POINTS
    if "_3d" in name and "f5.00MHz" not in name
}
"""Range, mm, of the targets that are nearer than the reference's lens is good for."""


def relative_error(name, apodisation, target, direction, profile, level_db):
    """Our width over the reference's at one level, minus 1; and the level."""
    ref = reference(name)
    place, level = getattr(ref, direction)(apodisation, target)
    theirs = full_width(place, level, level_db)
    return full_width(*profile, level_db) / theirs - 1


def depth_mm(name: str, target: int) -> int:
    return round(float(reference(name).data["target_range"][target]) * 1e3)


def check_widths(name, apodisation, i, envelope, directions=("lateral", "axial")) -> list[str]:
    """What is out of tolerance at on-axis target i; [] if nothing."""
    ref, wrong = reference(name), []
    target, depth = ref.on_axis[i], depth_mm(name, ref.on_axis[i])
    level = lateral_profile(envelope)
    half = (level.size - 1) // 2
    place = (np.arange(level.size) - half) * float(ref.offset[1] - ref.offset[0])
    profiles = {"lateral": (place, level), "axial": (WINDOW_M, axial_profile(envelope))}
    for direction in directions:
        compare = (name, apodisation, target, direction, profiles[direction])
        error = relative_error(*compare, HALF_AMPLITUDE_DB)
        if not abs(error) <= TOLERANCE_6:
            wrong.append(f"{depth} mm {direction} -6 dB {error:+.1%}")
        error = relative_error(*compare, -20.0)
        if abs(error) <= TOLERANCE_20:
            continue
        if (name, apodisation, depth, direction) not in SHOULDERS:
            wrong.append(f"{depth} mm {direction} -20 dB {error:+.1%}")
            continue
        at = defined_level(*getattr(ref, direction)(apodisation, target))
        error = relative_error(*compare, at)
        print(f"{name} {apodisation} {depth} mm {direction}: compared at {at:.1f} dB")
        if not abs(error) <= TOLERANCE_20:
            wrong.append(f"{depth} mm {direction} {at:.1f} dB {error:+.1%}")
    return wrong


@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", POINTS)
def test_widths_of_every_target_on_the_axis(
    request: pytest.FixtureRequest, name: str, apodisation: str
) -> None:
    """-6 dB within 5 %, -20 dB within 10 %, lateral and axial (see the module's head)."""
    if name == "a_points_L11-5v_f7.60MHz_tx20mm_2d":
        why = "10 mm: tail 0.3 mm behind the echo too strong, -20 dB length 18 to 20 % over"
        request.applymarker(pytest.mark.xfail(reason=why, strict=True))
    image = on_axis_image(name, apodisation)
    wrong = []
    for i, target in enumerate(reference(name).on_axis):
        near = NEAR_LENS.get(name) == depth_mm(name, target)
        directions = ("lateral",) if near else ("lateral", "axial")
        wrong += check_widths(name, apodisation, i, image[:, i], directions)
    assert not wrong


def four_gaussians(frequency_hz, y_m, range_m, *, height_m, elevation_focus_m) -> np.ndarray:
    """The lens of PyMUST at y = 0: aperture as a sum of Gaussians, Fresnel approximation.

    Source: Garcia, Comput Methods Programs Biomed 2022;218:106726, eq. 17 and 18.
    """
    a = np.array([0.187 + 0.275j, 0.288 - 1.954j])
    b = np.array([4.558 - 25.59j, 8.598 - 7.924j])
    a, b = np.concatenate([a, a.conj()]), np.concatenate([b, b.conj()])
    k = 2 * np.pi * np.asarray(frequency_hz)[:, None, None] / 1540.0
    defocus = 0.5j * k * (1 / np.asarray(range_m)[:, None] - 1 / elevation_focus_m)
    field = np.sum(a * np.sqrt(np.pi / (b / height_m**2 + defocus)), axis=2) / height_m
    assert not np.any(y_m)
    return field[:, None, :]


@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", list(NEAR_LENS))
def test_pulse_lengths_near_the_probe_agree_with_the_lens_of_the_reference(
    name: str, apodisation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest target in three dimensions, through the reference's four-Gaussian lens."""
    monkeypatch.setattr(point_echoes, "elevation_field", four_gaussians)
    ref = reference(name)
    (i,) = [i for i, t in enumerate(ref.on_axis) if depth_mm(name, t) == NEAR_LENS[name]]
    line_u = ref.offset[(ref.offset > -1e-9) & (ref.offset < 2.5 * (ref.offset[1] - ref.offset[0]))]
    envelope = ref.image(apodisation, ref.on_axis[i : i + 1], line_u * ref.to_u)
    assert not check_widths(name, apodisation, i, envelope[:, 0], ("axial",))


@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", POINTS)
def test_level_on_the_axis_follows_the_reference_from_12_mm_down(
    name: str, apodisation: str
) -> None:
    """Peak re the target at the focus, within 1.5 dB. (0.7 dB is what two exact programs do.)"""
    ref, image = reference(name), on_axis_image(name, apodisation)
    theirs = ref.data["peak_sum_dB"][APODISATIONS.index(apodisation)]
    peak = to_db(image.max(axis=(0, 2)))
    focal = int(np.flatnonzero(ref.on_axis == ref.meta["reference_target"])[0])
    for i, target in enumerate(ref.on_axis):
        if depth_mm(name, target) >= 12:
            ours = peak[i] - peak[focal]
            assert ours == pytest.approx(theirs[target], abs=1.5), depth_mm(name, target)


@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", POINTS)
def test_lateral_profiles_follow_the_reference_down_to_40_db(name: str, apodisation: str) -> None:
    """rms over the lines above -40 dB: 1.2 dB, in the mean over the targets 0.7 dB with Hann
    weights (0.7 dB is what two exact programs do). Rectangular apertures leave nulls between
    their lobes, where a decibel says little: 2 dB and 1 dB."""
    ref, image = reference(name), on_axis_image(name, apodisation)
    rms = []
    for i, target in enumerate(ref.on_axis):
        ours = lateral_profile(image[:, i])
        place, theirs = ref.lateral(apodisation, target)
        half = (ours.size - 1) // 2
        middle = int(np.abs(place).argmin())
        theirs = theirs[middle - half : middle + half + 1]
        above = theirs > -40
        rms.append(math.sqrt(np.mean((ours - theirs)[above] ** 2)))
    rect = apodisation == "rect"
    assert max(rms) < (2.0 if rect else 1.2), rms
    assert np.mean(rms) < (1.0 if rect else 0.7), rms


def test_only_what_lies_on_a_shoulder_of_the_reference_is_excused() -> None:
    for name, apodisation, depth, direction in SHOULDERS:
        ref = reference(name)
        (target,) = [t for t in ref.on_axis if depth_mm(name, t) == depth]
        level = defined_level(*getattr(ref, direction)(apodisation, target))
        assert level != -20, (name, apodisation, depth, direction)
        assert abs(level + 20) < 3.0
    assert len(SHOULDERS) < 0.1 * len(POINTS) * len(APODISATIONS) * 5 * 2


def test_an_on_axis_target_is_seen_alike_from_both_sides() -> None:
    """What allows one side to be computed."""
    ref = reference(POINTS[8])
    line_u = np.array([-1.5e-3, -0.6e-3, -0.15e-3, 0.15e-3, 0.6e-3, 1.5e-3])
    envelope = ref.image("hann", ref.on_axis[2:3], line_u)[:, 0]
    np.testing.assert_allclose(envelope, envelope[::-1], atol=1e-4 * envelope.max())


@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("world", ["2d", "3d"])
def test_speckle_agrees_speckle_for_speckle(world: str, apodisation: str) -> None:
    """29 000 scatterers about a cyst: correlation of the envelopes 0.98 or more, and of the
    complex echoes (sign of the phase included)."""
    name = f"c_cyst_L11-5v_f7.60MHz_tx20mm_{world}"
    data = np.load(FOLDER / f"{name}.npz")
    meta = json.loads(str(data["meta"]))
    line, depth = data["x_lines"].astype(float), data["depth"].astype(float)
    iq = image_points(
        data["sx"].astype(float),
        data["sz"].astype(float),
        data["rc"].astype(float),
        probe=find_probe(meta["probe"]),
        settings=ScanSettings(
            frequency_hz=meta["fc"],
            focus_m=meta["tx_focus"],
            tx_f_number=meta["tx_fnum"],
            rx_f_number=meta["rx_fnum"],
            rx_apodisation=apodisation,
        ),
        line_u=line,
        sample_z_m=depth,
        planar=world == "2d",
    )
    envelope = 10 ** (data[f"env_dB_{apodisation}"].astype(float) / 20)
    assert np.corrcoef(np.abs(iq).ravel(), envelope.ravel())[0, 1] >= 0.98
    if apodisation == "rect":
        theirs, ours = data["iq_rect"], iq[:, ::2]
        norm = np.linalg.norm(theirs) * np.linalg.norm(ours)
        together = np.vdot(theirs, ours) / norm
        assert together.real >= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", [POINTS[4], POINTS[8], POINTS[10], POINTS[13]])
def test_targets_off_the_axis_agree_too(name: str, apodisation: str) -> None:
    """Clipped apertures, slanted views: -6 dB widths within 8 %, levels within 2 dB from 12 mm
    down (the issue asks for on-axis targets; this is how far it holds beside it)."""
    ref = reference(name)
    theirs = ref.data["peak_sum_dB"][APODISATIONS.index(apodisation)]
    focal = int(np.flatnonzero(ref.on_axis == ref.meta["reference_target"])[0])
    zero = to_db(on_axis_image(name, apodisation)[:, focal].max())
    centre = ref.data["target_theta"] if ref.probe.is_convex else ref.data["target_x"]
    wrong = []
    for target in range(ref.on_axis.size, ref.data["target_x"].size):
        place, level = ref.lateral(apodisation, target)
        near = np.abs(place - place[level.argmax()]) < (2.0 if ref.probe.is_convex else 1.2e-3)
        line_u = float(centre[target]) + place[near] * ref.to_u
        envelope = ref.image(apodisation, np.array([target]), line_u)[:, 0]
        lateral = to_db(envelope.max(axis=1))
        depth = depth_mm(name, target)
        width = full_width(place[near], lateral, HALF_AMPLITUDE_DB)
        error = width / full_width(place[near], level[near], HALF_AMPLITUDE_DB) - 1
        if not abs(error) < 0.08:
            wrong.append(f"target {target} at {depth} mm: -6 dB {error:+.1%}")
        difference = lateral.max() - zero - theirs[target]
        if depth >= 12 and not abs(difference) < 2.0:
            wrong.append(f"target {target} at {depth} mm: level {difference:+.1f} dB")
    assert not wrong

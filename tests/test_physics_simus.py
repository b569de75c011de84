"""`image_points` against SIMUS: point targets, fields, slice thickness and speckle pictures of
`shared/reference`, and, for what is not on file, the slow twin of its equations (`naive`).

Probe, focus, apertures, apodisation, pulse and time zero are those of the files; what is
compared is measured in the same way on both: lateral profile (largest envelope of each line in
the depth window, 0.01 mm apart), axial profile (the best line, 0.02 mm apart), cubic splines
through the dB values. Everything is compared as it is, at every target, with one tolerance.

Some -20 dB widths lie on a shoulder of the profile: 1 dB more or less changes them twofold.
They agree because the profiles do, to 0.02 dB there; three of 860 beside the axis do not
(`ON_THE_THRESHOLD`).

The places of targets and lines are rounded to what was meant before they were stored in single
precision: on some lines an element lies exactly at the edge of the transmit aperture.
"""

import json
import math
from functools import lru_cache
from pathlib import Path

import naive
import numpy as np
import pytest
from media import full_width, to_db

from physics.constants import HALF_AMPLITUDE_DB
from physics.elevation import elevation_field
from physics.point_echoes import image_points
from physics.probe import find_probe
from physics.pulse import burst_spectrum, probe_response
from physics.settings import ScanSettings

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "reference"
needs_files = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the reference data are not here: there is no folder {FOLDER}"
)
LINEAR = [
    f"a_points_L11-5v_f{frequency}MHz_tx{focus}mm_{world}"
    for frequency in ("10.00", "5.00", "7.60")
    for focus in (20, 35)
    for world in ("2d", "3d")
]
LOSSY = "a_points_L11-5v_f7.60MHz_tx20mm_3d_att0.5"
CONVEX = [f"d_points_C5-2v_f3.57MHz_tx60mm_{world}" for world in ("2d", "3d")]
POINTS = [*LINEAR, LOSSY, *CONVEX]
FIELDS = [f"b_field_L11-5v_f{f}MHz_tx{focus}mm" for f in ("5.00", "7.60") for focus in (10, 20, 35)]
APODISATIONS = ("rect", "hann")
TOLERANCE_6, TOLERANCE_20 = 0.04, 0.08
PROFILE_DB, LEVEL_DB, LOSS_DB = 1.5, 1.0, 0.7
WINDOW_M = np.arange(-150, 251) * 10e-6


ON_THE_THRESHOLD = [(LINEAR[2], "rect", 17), (LINEAR[9], "rect", 6), (LINEAR[9], "rect", 11)]
"""Lateral profiles, of targets beside the axis, with a minimum within 0.03 dB of -20 dB."""


class Reference:
    """One file of point targets."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data = dict(np.load(FOLDER / f"{name}.npz"))
        self.meta = json.loads(str(self.data["meta"]))
        self.probe = find_probe(self.meta["probe"])
        self.planar = "_2d" in name
        self.offset = np.round(self.data["lat_offset"].astype(float), 8)
        """Lateral offsets as in the file: m, or degrees on the convex array."""
        self.n_target = self.data["target_x"].size
        self.on_axis = np.flatnonzero(self.data["target_x"] == 0)

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
    return ScanSettings(
        frequency_hz=meta["fc"],
        focus_m=meta["tx_focus"],
        tx_f_number=meta["tx_fnum"],
        rx_f_number=meta["rx_fnum"],
        tx_apodisation="rect",
        rx_apodisation=apodisation,
    )


@lru_cache
def reference(name: str) -> Reference:
    return Reference(name)


def depth_mm(name: str, target: int) -> int:
    return round(float(reference(name).data["target_range"][target]) * 1e3)


class Compared:
    """One target: profiles of both, and what they differ in."""

    def __init__(self, name: str, apodisation: str, target: int, reach: float) -> None:
        ref = reference(name)
        a = APODISATIONS.index(apodisation)
        chosen, line_u = ref.lines(target, reach)
        if target in ref.on_axis:  # it is seen alike from both sides
            envelope = ref.image(apodisation, target, line_u[line_u > -1e-9])
            envelope = np.concatenate([envelope[:0:-1], envelope])
        else:
            envelope = ref.image(apodisation, target, line_u)
        lateral = to_db(envelope.max(axis=1))
        best = int(lateral.argmax())
        self.peak_db = float(lateral[best])
        theirs = ref.data["lat_profile_dB"][a, target, chosen].astype(float)
        there = theirs > theirs.max() - 40
        difference = (lateral - lateral.max()) - (theirs - theirs.max())
        top = theirs > theirs.max() - 22
        self.top_db = float(np.abs(difference[top]).max())
        self.profile_db = math.sqrt(np.mean(difference[there] ** 2))
        axial = ref.data["ax_profile_dB"][a, target].astype(float)
        best = int(theirs.argmax())  # of two lines within 0.001 dB the one that they took
        profiles = {
            "lateral": (ref.offset[chosen], lateral, theirs),
            "axial": (WINDOW_M[::2], to_db(envelope[best, ::2]), axial),
        }
        self.width = {
            (direction, level): full_width(place, ours, level) / full_width(place, other, level) - 1
            for direction, (place, ours, other) in profiles.items()
            for level in (HALF_AMPLITUDE_DB, -20.0)
        }

    def faults(self, label: str, excused: bool) -> list[str]:
        wrong = [
            f"{label}: {direction} width at {level:.0f} dB {error:+.1%}"
            for (direction, level), error in self.width.items()
            if not abs(error) <= (TOLERANCE_20 if level == -20 else TOLERANCE_6)
            and not (excused and (direction, level) == ("lateral", -20.0))
        ]
        if not self.profile_db <= PROFILE_DB:
            wrong.append(f"{label}: profile {self.profile_db:.2f} dB rms")
        return wrong


@lru_cache
def compared(name: str, apodisation: str, target: int, reach: float = math.inf) -> Compared:
    return Compared(name, apodisation, target, reach)


def near(name: str) -> float:
    """Half of the profile that holds its -20 dB width, with room for the spline."""
    return 3.0 if "C5-2v" in name else 2.1e-3 if "f5.00" in name else 1.5e-3


def check_targets(name: str, apodisation: str, targets, reach: float) -> None:
    """Widths, profiles, and from 12 mm down levels re the target at the focus."""
    ref, wrong = reference(name), []
    theirs = ref.data["peak_sum_dB"][APODISATIONS.index(apodisation)]
    zero = compared(name, apodisation, ref.meta["reference_target"], reach).peak_db
    for target in targets:
        label = f"target {target} at {depth_mm(name, target)} mm"
        found = compared(name, apodisation, target, reach)
        wrong += found.faults(label, (name, apodisation, target) in ON_THE_THRESHOLD)
        difference = found.peak_db - zero - theirs[target]
        if depth_mm(name, target) >= 12 and not abs(difference) <= LEVEL_DB:
            wrong.append(f"{label}: level {difference:+.2f} dB")
    assert not wrong


@needs_files
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", POINTS)
def test_targets_on_the_axis_agree(name: str, apodisation: str) -> None:
    """Widths at -6 dB within 4 %, at -20 dB within 8 %, lateral and axial, all targets;
    profiles within 1.5 dB rms; levels within 1 dB."""
    check_targets(name, apodisation, reference(name).on_axis, near(name))


@needs_files
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", [LINEAR[9], CONVEX[1]])
def test_targets_beside_the_axis_agree(name: str, apodisation: str) -> None:
    """The same for the first target on each side and one far out, with clipped apertures."""
    ref = reference(name)
    beside = [t for t in (5, 11, 13, 18) if t < ref.n_target]
    check_targets(name, apodisation, beside, near(name))


@needs_files
@pytest.mark.slow
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("name", POINTS)
def test_all_targets_agree_over_the_whole_profile(name: str, apodisation: str) -> None:
    """Every target, every line of the file (6 mm or 9 degrees to either side)."""
    check_targets(name, apodisation, range(reference(name).n_target), math.inf)


@needs_files
@pytest.mark.parametrize("apodisation", APODISATIONS)
def test_attenuation_takes_as_much_from_every_target(apodisation: str) -> None:
    """Peak with 0.5 dB/cm/MHz over peak without, all on-axis targets, within 0.7 dB."""
    a = APODISATIONS.index(apodisation)
    lossless = LOSSY.removesuffix("_att0.5")
    for target in reference(LOSSY).on_axis:
        ours = [
            compared(name, apodisation, target, near(name)).peak_db for name in (LOSSY, lossless)
        ]
        theirs = [
            to_db(reference(name).data["peak_sum_raw"][a, target]) for name in (LOSSY, lossless)
        ]
        assert ours[0] - ours[1] == pytest.approx(theirs[0] - theirs[1], abs=LOSS_DB)


@needs_files
@pytest.mark.xfail(reason="lateral -20 dB width 16 to 19 % over: on the threshold", strict=True)
@pytest.mark.parametrize("case", ON_THE_THRESHOLD)
def test_widths_of_profiles_on_the_threshold(case: tuple[str, str, int]) -> None:
    """Three of 860 beside the axis: which side of -20 dB the minimum lies on, decides.
    Neither exact delays nor linear interpolation of the channels nor finer steps bring it over."""
    error = compared(*case, near(case[0])).width["lateral", -20.0]
    assert abs(error) <= TOLERANCE_20


@needs_files
@pytest.mark.parametrize("case", ON_THE_THRESHOLD)
def test_profiles_on_the_threshold_agree_all_the_same(case: tuple[str, str, int]) -> None:
    """Every line above -22 dB within 0.03 dB."""
    assert compared(*case, near(case[0])).top_db < 0.03


@needs_files
def test_an_on_axis_target_is_seen_alike_from_both_sides() -> None:
    """What allows one side to be computed."""
    ref = reference(LINEAR[8])
    line_u = np.array([-1.5e-3, -0.6e-3, -0.15e-3, 0.15e-3, 0.6e-3, 1.5e-3])
    envelope = ref.image("hann", int(ref.on_axis[2]), line_u)
    np.testing.assert_allclose(envelope, envelope[::-1], atol=1e-4 * envelope.max())


def field_difference_db(name: str, world: str, apodisation: str, every: int) -> float:
    """rms difference above -30 dB of what the line at x = 0 hears of single points."""
    data = np.load(FOLDER / f"{name}.npz")
    meta = json.loads(str(data["meta"]))
    place = np.round(data["xt"].astype(float), 7)[::every]
    depth = np.round(data["zt"].astype(float), 7)
    theirs = data[f"twoway_{world}_{apodisation}_dB"].astype(float)[:, ::every]
    ours = np.zeros(theirs.shape)
    window = np.arange(-1.5e-3, 4e-3, 20e-6)
    for i, z in enumerate(depth):
        for j, x in enumerate(place):
            if theirs[i, j] < -35:
                continue
            iq = image_points(
                np.array([x]), np.array([z]), np.ones(1),
                probe=find_probe(meta["probe"]), settings=settings_of(meta, apodisation),
                line_u=np.zeros(1), sample_z_m=z + window, planar=world == "2d",
            )  # fmt: skip
            ours[i, j] = np.abs(iq).max()
    level = to_db(ours) - to_db(ours).max()
    return math.sqrt(np.mean((level - theirs)[theirs > -30] ** 2))


@needs_files
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("world", ["2d", "3d"])
def test_the_two_way_field_agrees(world: str, apodisation: str) -> None:
    """Within 1 dB rms above -30 dB; the column on the line and every sixth beside it."""
    assert field_difference_db(FIELDS[4], world, apodisation, 6) <= 1.0


@needs_files
@pytest.mark.slow
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("world", ["2d", "3d"])
@pytest.mark.parametrize("name", FIELDS)
def test_all_two_way_fields_agree(name: str, world: str, apodisation: str) -> None:
    assert field_difference_db(name, world, apodisation, 1) <= 1.0


@needs_files
@pytest.mark.parametrize("name", FIELDS)
def test_slice_thickness_agrees(name: str) -> None:
    """One-way -6 dB thickness of the transmitted field in the plane x = 0, at every depth at
    which the map holds it: within 10 %."""
    data = np.load(FOLDER / f"{name}.npz")
    meta = json.loads(str(data["meta"]))
    probe, settings = find_probe(meta["probe"]), settings_of(meta, "rect")
    y, depth = data["y"].astype(float), data["z_elev"].astype(float)
    hz = np.linspace(0.3, 1.7, 43) * meta["fc"]
    pulse = burst_spectrum(hz, meta["fc"], 1.0)
    pulse = pulse * probe_response(hz, meta["fc"], probe.bandwidth, "one-way")
    k = 2 * np.pi * hz[:, None] / 1540.0
    focus = naive.focus_distance(probe, 0.0, settings.focus_m)
    sent = naive.aperture(probe, 0.0, settings.focus_m, settings.tx_f_number, "rect")
    used = sent > 0
    used[probe.n_element // 2 :] = False  # the other half is its mirror image
    compared_at = 0
    for i, z in list(enumerate(depth))[::2]:
        r = naive.focus_distance(probe, 0.0, z)[used]
        wave = np.exp(1j * k * (focus[used] - r)) * z / r**2 * pulse[:, None]
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
            assert widths[0] == pytest.approx(widths[1], rel=0.1), f"{z * 1e3:.1f} mm"
            compared_at += 1
    assert compared_at > 0.4 * depth.size


class Cyst:
    """A picture of 28 916 scatterers about a cyst."""

    def __init__(self, world: str, every: int) -> None:
        data = np.load(FOLDER / f"c_cyst_L11-5v_f7.60MHz_tx20mm_{world}.npz")
        self.data, self.every, self.planar = data, every, world == "2d"
        self.meta = json.loads(str(data["meta"]))
        self.line = np.round(data["x_lines"].astype(float), 7)[::every]
        self.depth = np.round(data["depth"].astype(float), 7)

    def image(self, apodisation: str) -> np.ndarray:
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


def check_cyst(cyst: Cyst, apodisation: str) -> None:
    iq = cyst.image(apodisation)
    theirs = cyst.theirs_db(apodisation)
    envelope = np.abs(iq)
    assert np.corrcoef(envelope.ravel(), 10 ** (theirs.ravel() / 20))[0, 1] >= 0.985
    ours = to_db(envelope)
    ours, theirs = ours - ours.max(), theirs - theirs.max()
    assert math.sqrt(np.mean((ours - theirs)[theirs > -40] ** 2)) <= 1.5
    cr, gcnr = zip(cyst.contrast(ours), cyst.contrast(theirs), strict=True)
    assert cr[0] == pytest.approx(cr[1], abs=3.0)
    assert gcnr[0] == pytest.approx(gcnr[1], abs=0.03)
    if cyst.every == 1:
        metrics = cyst.meta["metrics"][apodisation][0]
        assert cr[0] == pytest.approx(metrics["CR_dB"], abs=3.0)
        assert gcnr[0] == pytest.approx(metrics["gCNR"], abs=0.03)
    if apodisation == "rect":  # the sign of the phase, too
        complex_theirs = cyst.data["iq_rect"][:: cyst.every]
        together = np.vdot(complex_theirs, iq[:, ::2])
        norm = np.linalg.norm(complex_theirs) * np.linalg.norm(iq[:, ::2])
        assert together.real / norm >= 0.985


@needs_files
@pytest.mark.parametrize(("world", "apodisation"), [("2d", "rect"), ("3d", "hann")])
def test_speckle_and_cyst_agree_speckle_for_speckle(world: str, apodisation: str) -> None:
    """Correlation of the envelopes 0.985, 1.5 dB rms over the top 40 dB, contrast within 3 dB
    and gCNR within 0.03, on every fifth line."""
    check_cyst(Cyst(world, 5), apodisation)


@needs_files
@pytest.mark.slow
@pytest.mark.parametrize("apodisation", APODISATIONS)
@pytest.mark.parametrize("world", ["2d", "3d"])
def test_whole_pictures_of_the_cyst_agree(world: str, apodisation: str) -> None:
    """All lines, and the figures that the files state."""
    check_cyst(Cyst(world, 1), apodisation)


ELSEWHERE = {
    "another probe, focused near, F/1": (
        "L12-3v", 9e6, 12e-3, (2.0, 1.0), "hann", 1.1e-3, (1.3e-3, 0.0, 9e-3), 0.5, False
    ),
    "another probe, focused deep, at its end": (
        "L12-3v", 9e6, 28e-3, (3.0, 2.5), "tukey", -17e-3, (-16.5e-3, 0.0, 24e-3), 0.0, False
    ),
    "beside the plane, deep": (
        "L12-3v", 9e6, 12e-3, (2.0, 1.5), "rect", 3.02e-3, (3.4e-3, 1.2e-3, 30e-3), 0.0, False
    ),
    "beside the plane, near": (
        "L12-3", 12e6, 12e-3, (1.5, 1.0), "rect", 0.0, (0.1e-3, 0.7e-3, 5e-3), 0.0, False
    ),
    "planar, large F-number": (
        "L11-5v", 6e6, 30e-3, (4.0, 4.0), "hamming", -2e-3, (-1e-3, 0.0, 18e-3), 0.0, True
    ),
    "convex, slanted, beside the plane": (
        "C5-2v", 3e6, 60e-3, (3.0, 2.0), "hann", 0.2, (19.71e-3, 1e-3, 42.92e-3), 0.3, False
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ELSEWHERE)
def test_what_is_not_on_file_agrees_with_the_slow_twin(case: str) -> None:
    """Complex IQ of one line, as PyMUST's equations have it: within 1 % of its peak."""
    name, frequency, focus, f_number, apodisation, u, point, loss, planar = ELSEWHERE[case]
    probe = find_probe(name)
    settings = ScanSettings(
        frequency_hz=frequency, focus_m=focus, tx_f_number=f_number[0], rx_f_number=f_number[1],
        rx_apodisation=apodisation,
    )  # fmt: skip
    x, y, z = point
    to_chord = probe.radius_m - probe.apothem_m if probe.is_convex else 0.0
    depth = math.hypot(x, z + probe.radius_m) - probe.radius_m if probe.is_convex else z
    sample = depth + np.arange(-1e-3, 2e-3, 0.02e-3)
    expected = naive.simus_line(
        probe, settings, u=u, sample_m=sample, point=point, planar=planar,
        attenuation_db_cm_mhz=loss,
    )  # fmt: skip
    (iq,) = image_points(
        np.array([x]), np.array([z + to_chord]), np.ones(1), y_m=np.array([y]), probe=probe,
        settings=settings, line_u=np.array([u]), sample_z_m=sample, planar=planar,
        attenuation_db_cm_mhz=loss,
    )  # fmt: skip
    np.testing.assert_allclose(iq, expected, atol=0.01 * np.abs(expected).max())


def test_many_points_are_the_sum_of_their_echoes(rng: np.random.Generator) -> None:
    """Whatever is recorded together: 40 points over 30 mm, off the plane too."""
    x, y, z = (rng.uniform(*span, 40) * 1e-3 for span in ((-3, 3), (-1, 1), (4, 34)))
    strength = rng.normal(size=40)
    common = {
        "probe": find_probe("L12-3"),
        "settings": ScanSettings(frequency_hz=8e6),
        "line_u": np.array([-1e-3, 0.4e-3]),
        "sample_z_m": np.arange(3e-3, 36e-3, 0.1e-3),
    }
    together = image_points(x, z, strength, y_m=y, **common)
    alone = [
        image_points(x[i : i + 1], z[i : i + 1], strength[i : i + 1], y_m=y[i : i + 1], **common)
        for i in range(40)
    ]
    np.testing.assert_allclose(together, sum(alone), atol=2e-3 * np.abs(together).max())

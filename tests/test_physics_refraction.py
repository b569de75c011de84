"""Bent rays: Snell's law, what cannot pass, and what the scanner makes of it."""

import math

import numpy as np
import pytest
from media import (
    SILENT,
    SPECKLE,
    Medium,
    Region,
    below,
    box,
    disc,
    level_db,
    look,
    make_tissues,
    part,
    tilted_box,
)

from physics.validation import refraction
from physics.validation.check import faults
from physics.validation.refraction import direction, rays_in, slope


@pytest.mark.parametrize("c2", refraction.SPEEDS)
@pytest.mark.parametrize("tilt_deg", refraction.TILTS_DEG)
def test_a_ray_is_bent_by_snells_law(c2: float, tilt_deg: float) -> None:
    """sin t2 / sin t1 = c2 / c1 at a plane, within 0.1 degrees; straight before it. Check 18."""
    assert not faults([refraction.bent(c2, tilt_deg)])
    paths = rays_in(slope(c2, tilt_deg))
    assert direction(paths, paths.x_m.shape[0] // 2, 0, 60) == pytest.approx(0.0, abs=1e-6)


def test_beyond_the_critical_angle_nothing_gets_through() -> None:
    """Total reflection from arcsin(c1 / c2) on, within 0.2 degrees. Check 18."""
    assert not faults([refraction.critical_angle()])


@pytest.mark.parametrize(("c1", "c2"), refraction.CYLINDERS)
def test_a_round_faster_structure_has_dark_edges_as_wide_as_total_reflection(
    c1: float, c2: float
) -> None:
    """Strip a (1 - c1 / c2) at either edge of a cylinder: within 10 % or one line (0.2 mm).
    Check 25; fat to tendon 0.147 a, muscle to tendon 0.071 a."""
    assert not faults(refraction.dark_edges(c1, c2))


def test_a_slower_cylinder_is_a_lens() -> None:
    """c2 < c1: parallel rays meet at f = a n / (2 (n - 1)) from the centre, n = c1 / c2, paraxially
    (facts, section 4): within 5 %."""
    a, c1, c2 = 5e-3, 1540.0, 1400.0
    n = c1 / c2
    tissues = make_tissues({"speed_m_s": c1}, {"speed_m_s": c2})
    paths = rays_in(Medium(tissues, (Region(0), Region(1, disc(0.0, 8e-3, a)))), depth_m=60e-3)
    ray = paths.x_m.shape[0] // 2 + 4  # 0.8 mm beside the axis
    below_it = direction(paths, ray, 100, 140)
    z = float(paths.z_m[ray, 140]) - float(paths.x_m[ray, 140]) / math.tan(below_it)
    assert z - 8e-3 == pytest.approx(a * n / (2 * (n - 1)), rel=0.05)


def wire_place(frame, near_mm: tuple[float, float]) -> tuple[float, float]:
    """x and z of the brightest echo near a depth, m."""
    inside = (frame.sample_z_m > near_mm[0] * 1e-3) & (frame.sample_z_m < near_mm[1] * 1e-3)
    envelope = np.abs(frame.iq[:, inside])
    i, j = np.unravel_index(envelope.argmax(), envelope.shape)
    return float(frame.line_x_m[i]), float(frame.sample_z_m[inside][j])


@pytest.mark.parametrize("tilt_deg", [-15, 10, 20])
def test_a_wire_below_a_slope_is_shown_beside_its_place(tilt_deg: float) -> None:
    """Lateral shift = depth below the slope x tan(t1 - t2), refraction off: none."""
    tilt, c2 = math.radians(tilt_deg), 1750.0
    wire = (0.0, 25e-3, 0.3)
    tissues = make_tissues(SILENT, {"speed_m_s": c2, "density_kg_m3": 1000.0 * 1540 / c2})
    medium = Medium(tissues, (Region(0), Region(1, below(15e-3, tilt))), wires=(wire,))
    turned = math.asin(c2 / 1540.0 * math.sin(tilt)) - tilt
    # the ray that meets the wire enters at x; the slope is at 15 mm + x tan(tilt) there
    x = -10e-3 * math.tan(turned) / (1 - math.tan(turned) * math.tan(tilt))
    shown, _ = wire_place(look(medium, focus_mm=25), (20, 30))
    assert shown == pytest.approx(x, abs=0.2e-3)
    straight, _ = wire_place(look(medium, focus_mm=25, refraction="off"), (20, 30))
    assert straight == pytest.approx(0.0, abs=0.11e-3)


def test_a_straight_needle_under_a_lens_of_fat_looks_bent() -> None:
    """Bayonet sign: under 6 mm of fat the needle lies 6 (1540 / 1460 - 1) = 0.33 mm deeper on
    the screen than beside it; the step is where the fat ends."""
    fat = Region(1, box(-30e-3, 0.0, 4e-3, 10e-3))
    needle = Region(2, tilted_box(0.0, 20e-3, 60e-3, 0.8e-3, 0.0))
    tissues = make_tissues(
        SILENT,
        {"speed_m_s": 1460.0, "density_kg_m3": 1000.0 * 1540 / 1460},
        {"speed_m_s": 5660.0, "density_kg_m3": 7900.0},
    )
    frame = look(Medium(tissues, (Region(0), fat, needle)), focus_mm=20)
    deep = frame.sample_z_m[np.abs(frame.iq).argmax(axis=1)]
    under, beside = np.median(deep[20:80]), np.median(deep[112:170])
    assert under - beside == pytest.approx(6e-3 * (1540 / 1460 - 1), abs=30e-6)


def test_shadows_lie_below_the_edges_of_a_round_structure_and_go_with_the_switch() -> None:
    """A tendon in fat, 8 mm across: below its edges the echoes of even tissue are at least 5 dB
    lower than below its middle, with refraction; without it less than 2 dB."""
    tissues = make_tissues({**SPECKLE, "speed_m_s": 1460.0}, {**SPECKLE, "speed_m_s": 1700.0})
    medium = Medium(tissues, (Region(0), Region(1, disc(0.0, 12e-3, 4e-3))))
    drop = {}
    for switch in ("on", "off"):
        edge, middle = [], []
        for seed in range(1, 7):
            frame = look(
                medium, seed=seed, focus_mm=20, tx_f_number=4, rx_f_number=4, refraction=switch
            )
            edge += [part(frame, x_mm=x, z_mm=(17.5, 20)) for x in ((3.5, 3.9), (-3.9, -3.5))]
            middle.append(part(frame, x_mm=(-1.5, 1.5), z_mm=(17.5, 20)))
        drop[switch] = level_db(np.concatenate(middle)) - level_db(np.concatenate(edge))
    print(drop)
    assert drop["on"] > 5.0
    assert abs(drop["off"]) < 2.0


def test_behind_a_lens_the_level_does_not_depend_on_frequency() -> None:
    """Grains as strong at every frequency stay so behind a slow disc, where rays part or meet:
    level with refraction re without, at 5 and 12 MHz alike (1 dB)."""
    tissues = make_tissues(SPECKLE, {**SPECKLE, "speed_m_s": 1640.0})
    medium = Medium(tissues, (Region(0), Region(1, disc(0.0, 10e-3, 6e-3))))
    change = []
    for frequency_mhz in (5, 12):
        level = []
        for switch in ("on", "off"):
            seen = [
                part(
                    look(medium, seed=seed, focus_mm=22, frequency_mhz=frequency_mhz,
                         refraction=switch, noise="off"),
                    x_mm=(-4, 4), z_mm=(18, 26),
                )
                for seed in range(1, 5)
            ]  # fmt: skip
            level.append(level_db(np.concatenate(seen)))
        change.append(level[0] - level[1])
    print(change)
    assert change[0] == pytest.approx(change[1], abs=1.0)

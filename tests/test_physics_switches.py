"""Switches of the physics: each takes one thing away, and with it what followed from it."""

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
    full_width,
    level_db,
    look,
    make_tissues,
    part,
    to_db,
    uniform,
)

from physics.settings import KNOBS

ALL_OFF = {knob.name: "off" for knob in KNOBS.values() if knob.group == "physics"}


def test_without_attenuation_depth_and_stones_cost_nothing() -> None:
    stone = Region(1, box(-60e-3, 60e-3, 8e-3, 10e-3))
    tissues = make_tissues(
        {**SPECKLE, "attenuation_db_m": 60.0}, {**SPECKLE, "attenuation_db_m": 600.0}
    )
    frame = look(Medium(tissues, (Region(0), stone)), attenuation="off")
    free = look(uniform(**SPECKLE))
    window = {"x_mm": (-12, 12), "z_mm": (14, 20)}
    assert level_db(part(frame, **window)) == pytest.approx(level_db(part(free, **window)), abs=0.3)


def test_with_one_speed_every_depth_reads_true_and_every_echo_is_as_strong() -> None:
    """Impedances stay: the surface of fat on muscle still shows, at its true depth."""
    tissues = make_tissues(
        {"speed_m_s": 1460.0, "density_kg_m3": 915.0},
        {"speed_m_s": 1580.0, "density_kg_m3": 1075.0},
    )
    medium = Medium(tissues, (Region(0), Region(1, below(20e-3))))
    peak = {}
    for switch in ("on", "off"):
        frame = look(medium, speed_differences=switch, multiple_paths="off")
        line = np.abs(frame.iq[frame.iq.shape[0] // 2])
        peak[switch] = frame.sample_z_m[line.argmax()], to_db(line).max()
    assert peak["off"][0] == pytest.approx(20e-3, abs=40e-6)
    assert peak["on"][0] == pytest.approx(20e-3 * 1540 / 1460, abs=40e-6)
    assert peak["on"][1] == pytest.approx(peak["off"][1], abs=0.6)


def test_without_coherence_of_fibres_there_is_no_anisotropy() -> None:
    """Level of fibres facing and tilted by 12 degrees: 10 dB or more apart, then less than 1."""
    fibres = {"fibrous_per_m_sr": 0.5, "fibre_length_m": 2e-3}
    gap = {}
    for switch in ("on", "off"):
        level = []
        for tilt in (0.0, math.radians(12)):
            medium = Medium(make_tissues(fibres), (Region(0, tilt_rad=tilt),))
            frame = look(medium, fibre_coherence=switch, frequency_mhz=8)
            level.append(level_db(part(frame, x_mm=(-12, 12), z_mm=(18, 22))))
        gap[switch] = level[0] - level[1]
    assert gap["on"] > 10
    assert abs(gap["off"]) < 1


def test_without_noise_nothing_is_heard_where_nothing_is() -> None:
    assert not look(uniform(**SILENT), noise="off").iq.any()
    assert look(uniform(**SILENT)).iq.any()


def test_without_side_lobes_a_wire_has_none_and_is_wider() -> None:
    """Hann two-way: 63 dB down (facts, section 2), here below -50 dB beside the main lobe; the
    lobe 1.441 lambda F instead of 0.886 with equal hard-edged apertures."""
    medium = Medium(make_tissues(SILENT), wires=((0.05e-3, 20e-3, 1.0),))
    knobs = {
        "focus_mm": 20, "tx_f_number": 2, "rx_f_number": 2, "rx_apodisation": "rect", "noise": "off"
    }  # fmt: skip
    width, lobe = {}, {}
    for switch in ("on", "off"):
        frame = look(medium, side_lobes=switch, **knobs)
        level = to_db(np.abs(frame.iq).max(axis=1))
        level -= level.max()
        x = frame.line_x_m * 1e3
        width[switch] = full_width(x, level, -6.02)
        lobe[switch] = level[(np.abs(x) > 0.75) & (np.abs(x) < 2.2)].max()
    print(width)
    wavelength_mm = 0.154
    assert width["on"] == pytest.approx(0.886 * wavelength_mm * 2, rel=0.10)
    assert width["off"] == pytest.approx(1.441 * wavelength_mm * 2, rel=0.10)
    assert lobe["on"] > lobe["off"] + 10
    assert lobe["off"] < -50


def test_with_all_of_it_off_a_wire_in_tissue_is_the_ideal_point() -> None:
    """The picture of a wire under fat and a stone is that of one in water with nothing else."""
    lens = make_tissues(
        {"attenuation_db_m": 60.0},
        {"speed_m_s": 1460.0, "density_kg_m3": 1000.0 * 1540 / 1460, "attenuation_db_m": 90.0},
        {"attenuation_db_m": 5e3},
    )
    wire = ((0.0, 22e-3, 1.0),)
    fat, stone = box(-60e-3, 60e-3, 2e-3, 8e-3), box(-3e-3, 1e-3, 12e-3, 13e-3)
    regions = (Region(0), Region(1, fat), Region(2, stone))
    there = look(Medium(lens, regions, wires=wire), focus_mm=22, **ALL_OFF)
    ideal = look(Medium(make_tissues(SILENT), wires=wire), focus_mm=22, **ALL_OFF)
    # the faces of fat and stone have no impedance step here; what is left is the wire
    np.testing.assert_allclose(there.iq, ideal.iq, atol=1e-3 * np.abs(ideal.iq).max())

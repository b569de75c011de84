"""The tissue table: every number has a source, and arrives in SI units at 7 MHz."""

from pathlib import Path

import numpy as np
import pytest

from phantoms.checked import ContentError
from phantoms.tissue import CHOSEN, find_tissue, load_tissues, pack, read_tissues, value_keys
from physics.probe import UnknownNameError


@pytest.mark.parametrize("name", load_tissues())
def test_every_value_carries_a_source(name: str) -> None:
    tissue = load_tissues()[name]
    for key in value_keys():
        assert tissue.source_of(key).strip()
    if tissue.source == "estimate":  # then no value may pose as measured
        given = tissue.model_fields_set & set(value_keys())
        assert all(tissue.source_of(key) == CHOSEN for key in given)


@pytest.mark.parametrize("name", load_tissues())
def test_every_texture_is_complete(name: str) -> None:
    """A septum needs a spacing and a reflection; a fibre a length."""
    given = load_tissues()[name].model_fields_set
    assert ("septum_spacing_mm" in given) == ("septum_reflection" in given)
    if "fibrous_per_cm_sr" in given:
        assert {"fibre_length_mm", "fibre_wave_mm", "fibre_wave_length_mm"} <= given


def test_values_become_si_at_seven_megahertz() -> None:
    """Fat: 4e-3 1/(cm sr) at 9 MHz growing as f^2.49; 0.61 dB/cm/MHz; septa every 2 mm."""
    tissues = pack(["subcutaneous_fat", "tendon"])
    assert tissues.names == ("subcutaneous_fat", "tendon")
    assert tissues.diffuse_per_m_sr[0] == pytest.approx(0.4 * (7 / 9) ** 2.49)
    assert tissues.attenuation_db_m[0] == pytest.approx(61.0)
    assert tissues.septum_spacing_m[0] == pytest.approx(2e-3)
    assert tissues.impedance_rayl[0] == pytest.approx(1460 * 915)
    assert tissues.fibrous_per_m_sr[1] == pytest.approx(0.74)


def test_tendon_is_fibrous_and_its_floor_is_28_db_down() -> None:
    tendon = pack(["tendon"])
    floor_db = 10 * np.log10(tendon.diffuse_per_m_sr / tendon.fibrous_per_m_sr)
    assert floor_db[0] == pytest.approx(-28.0, abs=0.1)


def test_muscle_scatters_as_tabulated_and_not_along_fibres() -> None:
    muscle = pack(["muscle"])
    assert muscle.fibrous_per_m_sr[0] == 0.0  # muscle hardly changes with tilt (Crass 1988)
    # the tabulated 2e-3 1/(cm sr) is an estimate of muscle with its septa, which give the rest
    assert 0.1 <= muscle.diffuse_per_m_sr[0] <= 0.2


def test_fibre_waves_give_the_intended_spread_of_directions() -> None:
    """Random heights of peak a, L apart, joined by 3 w^2 - 2 w^3: rms slope 0.73 a / L
    (sqrt(2/3) for the step, sqrt(6/5) for the join, sqrt(2/3) between bundles)."""
    for name, spread_deg in (("tendon", 2.0), ("ligament", 4.0), ("tendon_degenerate", 10.0)):
        tissue = find_tissue(name)
        slope = 0.73 * tissue.fibre_wave_mm / tissue.fibre_wave_length_mm
        assert np.degrees(slope) == pytest.approx(spread_deg, rel=0.08)


def test_water_attenuation_grows_with_the_square_of_frequency() -> None:
    assert find_tissue("water_37c").attenuation_power == 2.0


def test_an_unknown_tissue_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'tendon'"):
        find_tissue("tenden")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("speed = 1500", ["'speed' is not a key", "did you mean 'speed_m_s'"]),
        ("roughness_um = nan", ["roughness_um", "finite"]),
        ("septum_reflection = 2.0", ["septum_reflection", "less than or equal to 1", "2.0"]),
        ('chosen_for_teaching = ["colour"]', ["'colour'"]),
        ("density_kg_m3 = 'heavy'", ["density_kg_m3", "number", "'heavy'"]),
    ],
)
def test_a_wrong_entry_is_named(tmp_path: Path, line: str, words: list[str]) -> None:
    rows = {
        "speed_m_s": "speed_m_s = 1500.0",
        "density_kg_m3": "density_kg_m3 = 1000.0",
        "attenuation_db_cm_mhz": "attenuation_db_cm_mhz = 0.5",
        "attenuation_power": "attenuation_power = 1.0",
        "source": 'source = "test"',
    }
    rows[line.split(" ")[0]] = line
    path = tmp_path / "tissues.toml"
    path.write_text("[jelly]\n" + "\n".join(rows.values()), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        read_tissues(path)
    for word in ["tissues.toml", "[jelly]", *words]:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)

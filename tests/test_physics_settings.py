"""Knobs, probes and poses: what is allowed, what is refused and how it says so."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from physics.geometry import Pose
from physics.imaging_chain import BModeChain
from physics.probe import UnknownNameError, find_probe, load_probes
from physics.settings import (
    KNOBS,
    ScanSettings,
    check_for_probe,
    find_knob,
    fitted_to_probe,
)

pytestmark = pytest.mark.nojit
NUMBERS = [knob for knob in KNOBS.values() if not knob.choices and knob.n_value == 1]
LEVELS = [knob for knob in NUMBERS if knob.whole]


@pytest.mark.parametrize("knob", NUMBERS, ids=lambda knob: knob.name)
@given(share=st.floats(0, 1))
def test_every_value_in_a_knobs_range_is_taken_and_read_back(knob, share: float) -> None:
    value = knob.low + share * (knob.high - knob.low)
    value = round(value) if knob.whole else value
    settings = ScanSettings().turned(**{knob.name: value})
    assert settings.display(knob.name) == pytest.approx(value, rel=1e-12, abs=1e-12)
    assert getattr(settings, knob.field) == pytest.approx(value / knob.per_si, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("knob", NUMBERS, ids=lambda knob: knob.name)
@given(beyond=st.floats(1e-3, 1e6))
def test_every_value_outside_is_refused_with_what_is_allowed(knob, beyond: float) -> None:
    for value in (knob.low - beyond, knob.high + beyond, math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match=knob.name) as error:
            ScanSettings().turned(**{knob.name: value})
        assert f"{knob.low:g} to {knob.high:g}" in str(error.value)


@pytest.mark.parametrize("knob", LEVELS, ids=lambda knob: knob.name)
def test_a_level_has_whole_steps_only(knob) -> None:
    with pytest.raises(ValueError, match=f"{knob.name} is 0.5; allowed: whole numbers, 0 to"):
        ScanSettings().turned(**{knob.name: 0.5})
    assert ScanSettings().turned(**{knob.name: "2"}).display(knob.name) == 2


@given(sliders=st.lists(st.floats(-20, 20), min_size=8, max_size=8))
def test_all_eight_sliders_are_kept(sliders: list[float]) -> None:
    settings = ScanSettings().turned(tgc_db=sliders)
    assert settings.display("tgc_db") == pytest.approx(tuple(sliders))


@pytest.mark.parametrize(
    "sliders", [[], [0] * 7, [0] * 9, [0] * 7 + [21], [math.nan] * 8, "abc", 3]
)
def test_wrong_sliders_are_refused(sliders: object) -> None:
    with pytest.raises(ValueError, match="tgc_db"):
        ScanSettings().turned(tgc_db=sliders)


@pytest.mark.parametrize("value", ["abc", None, [1, 2], {}])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="gain_db"):
        ScanSettings().turned(gain_db=value)


@pytest.mark.parametrize("name", ["", "Hann", "boxcar", 3])
def test_an_unknown_apodisation_is_refused_with_those_there_are(name: object) -> None:
    with pytest.raises(ValueError, match="rect, hann, hamming, tukey"):
        ScanSettings().turned(rx_apodisation=name)


@pytest.mark.parametrize(("name", "meant"), [("gian_db", "gain_db"), ("focus", "focus_mm")])
def test_an_unknown_knob_says_what_was_meant(name: str, meant: str) -> None:
    with pytest.raises(UnknownNameError, match=f"(?i)did you mean '{meant}'"):
        ScanSettings().turned(**{name: 1})
    with pytest.raises(UnknownNameError, match=f"no knob is called '{name}'"):
        find_knob(name)


def test_settings_survive_the_way_through_a_file() -> None:
    settings = ScanSettings().turned(
        frequency_mhz=7.5, depth_mm=35, tgc_db=[1, 2, 3, 4, 5, 6, 7, 8], tx_apodisation="tukey"
    )
    assert ScanSettings.from_display(settings.to_display()).to_display() == settings.to_display()
    assert list(settings.to_display()) == list(KNOBS)


def test_settings_are_values() -> None:
    assert ScanSettings() == ScanSettings()
    assert hash(ScanSettings()) == hash(ScanSettings())
    with pytest.raises(AttributeError):
        ScanSettings().gain_db = 3.0


@pytest.mark.parametrize("knob", KNOBS.values(), ids=lambda knob: knob.name)
def test_every_knob_says_what_it_is_and_what_it_costs(knob) -> None:
    assert knob.meaning.endswith(".")
    assert knob.cost.endswith(".")
    assert knob.range_text()


@pytest.mark.parametrize("probe", load_probes().values(), ids=lambda probe: probe.name)
def test_every_probe_is_possible(probe) -> None:
    assert 0 < probe.width_m <= probe.pitch_m
    assert 0 < probe.low_hz < probe.high_hz
    assert 0 < probe.n_channel <= probe.n_element
    assert probe.source
    assert probe.element_u.size == probe.n_element
    assert probe.element_u.sum() == pytest.approx(0, abs=1e-12)
    # the knobs can be turned to the probe's limits
    check_for_probe(fitted_to_probe(ScanSettings(), probe), probe)
    for frequency in (probe.low_hz, probe.high_hz):
        check_for_probe(ScanSettings(frequency_hz=frequency, depth_m=probe.max_depth_m), probe)


@pytest.mark.parametrize(
    ("name", "n_element", "pitch_mm", "centre_mhz", "footprint_mm"),
    [
        ("L11-5v", 128, 0.3, 7.6, 38.4),
        ("L12-3v", 192, 0.2, 7.54, 38.4),
        ("C5-2v", 128, 0.508, 3.57, 65.0),
    ],
)
def test_the_probes_of_the_reference_are_those_of_must(
    name: str, n_element: int, pitch_mm: float, centre_mhz: float, footprint_mm: float
) -> None:
    """getparam of MUST, as in `facts` section 8."""
    probe = find_probe(name)
    assert probe.n_element == n_element
    assert probe.pitch_m == pytest.approx(pitch_mm * 1e-3)
    assert probe.centre_hz == pytest.approx(centre_mhz * 1e6)
    assert probe.footprint_m == pytest.approx(footprint_mm * 1e-3, rel=0.005)


def test_a_convex_face_is_an_arc() -> None:
    """Pitch is the chord between neighbours; the apothem is R cos of the outermost element."""
    probe = find_probe("C5-2v")
    x = probe.radius_m * np.sin(probe.element_u)
    z = probe.radius_m * np.cos(probe.element_u)
    np.testing.assert_allclose(np.hypot(np.diff(x), np.diff(z)), probe.pitch_m, rtol=1e-12)
    assert probe.apothem_m == pytest.approx(z[0])


def test_an_unknown_probe_says_which_there_are() -> None:
    with pytest.raises(UnknownNameError, match=r"(?i)did you mean 'L12-3'"):
        find_probe("L12_3")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frequency_mhz": 3}, "frequency_mhz is 3; probe L12-3 allows 4 to 12 MHz"),
        ({"frequency_mhz": 15}, "frequency_mhz is 15; probe L12-3 allows 4 to 12 MHz"),
        ({"depth_mm": 100}, "depth_mm is 100; probe L12-3 allows up to 60 mm"),
    ],
)
def test_what_a_probe_cannot_do_is_said_in_one_sentence(
    changes: dict[str, float], words: str
) -> None:
    settings, probe = ScanSettings().turned(**changes), find_probe("L12-3")
    with pytest.raises(ValueError, match=words):
        check_for_probe(settings, probe)
    with pytest.raises(ValueError, match=words):
        BModeChain().render(medium=None, medium_key=0, probe=probe, pose=Pose(), settings=settings)
    check_for_probe(fitted_to_probe(settings, probe), probe)


def test_fitting_changes_nothing_that_fits() -> None:
    assert fitted_to_probe(ScanSettings(), find_probe("L12-3")) == ScanSettings()
    deep = replace(ScanSettings(), depth_m=0.055)
    assert fitted_to_probe(deep, find_probe("L18-4")).depth_m == 0.045


@given(
    x=st.floats(-0.05, 0.05),
    z=st.floats(0, 0.1),
    slide=st.floats(-0.05, 0.05),
    rock=st.floats(-0.5, 0.5),
)
def test_a_pose_there_and_back_is_where_one_was(
    x: float, z: float, slide: float, rock: float
) -> None:
    pose = Pose(slide, rock)
    back = pose.to_probe(*pose.to_body(np.array(x), np.array(z)))
    np.testing.assert_allclose(back, (x, z), atol=1e-15)


@given(
    place=st.tuples(*[st.floats(-0.05, 0.05)] * 3),
    slides=st.tuples(st.floats(-0.05, 0.05), st.floats(-0.05, 0.05)),
    angles=st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(-1.6, 1.6)),
    down=st.floats(0, 0.005),
)
def test_a_pose_in_space_keeps_lengths_and_leads_back(
    place: tuple[float, ...], slides: tuple[float, ...], angles: tuple[float, ...], down: float
) -> None:
    rock, tilt, turn = angles
    pose = Pose(slides[0], rock, tilt, 0.0, down, slides[1], turn)
    np.testing.assert_allclose(pose.rotation @ pose.rotation.T, np.eye(3), atol=1e-15)
    assert np.linalg.det(pose.rotation) == pytest.approx(1.0)
    x, y, z = (np.array(v) for v in place)
    np.testing.assert_allclose(pose.seen(*pose.place(x, y, z)), place, atol=1e-14)
    body = pose.place(x, 0.0, z)
    np.testing.assert_allclose(pose.to_body(x, z), (body[0], body[2]), atol=1e-15)
    along, depth = pose.along_face(x, z)
    assert depth == pytest.approx(body[2], abs=1e-15)
    np.testing.assert_allclose(pose.from_face(along, depth), (x, z), atol=1e-14)
    if math.cos(turn) > 0.2:
        np.testing.assert_allclose(pose.to_probe(body[0], body[2]), (x, z), atol=1e-13)


def test_turn_goes_from_x_to_y_and_tilt_aims_to_the_reader() -> None:
    x, z = np.array(0.01), np.array(0.02)
    turned = Pose(turn_rad=math.pi / 2)
    np.testing.assert_allclose(turned.place(x, 0.0, z), (0, 0.01, 0.02), atol=1e-15)
    tilted = Pose(tilt_rad=math.pi / 6).place(np.array(0.0), 0.0, z)
    np.testing.assert_allclose(tilted, (0, 0.01, 0.02 * math.cos(math.pi / 6)), atol=1e-15)
    assert np.isnan(turned.to_probe(x, z)).all()


def test_rocking_stays_in_the_image_plane() -> None:
    """The plane of a turned and tilted probe: its normal does not change with the rock."""
    normals = [Pose(0.0, rock, 0.2, turn_rad=0.7).rotation[:, 1] for rock in (-0.3, 0.0, 0.3)]
    np.testing.assert_allclose(normals, [normals[1]] * 3, atol=1e-15)


def test_rocking_presses_the_right_end_into_the_skin() -> None:
    _, depth = Pose(0.0, math.radians(5)).to_body(np.array([-0.019, 0.019]), np.zeros(2))
    assert depth[1] > 0 > depth[0]

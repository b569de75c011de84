"""The chain as data: which knob runs which stage, what is remembered, what stays the same."""

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import SPECKLE, Medium, Region, below, disc, look, make_tissues, part, uniform

from physics.geometry import Pose
from physics.imaging_chain import B_MODE, BModeChain
from physics.pipeline import Pipeline, Source, Stage
from physics.settings import KNOBS, ScanSettings

ALL = tuple(stage.name for stage in B_MODE)
FROM_DETECT = ("detect", "sharpen", "scan_convert", "grey_map")
SHOWING = ("receive", "despeckle", *FROM_DETECT)
"""From the noisy IQ, with what persistence adds, to the picture."""
FROM_LISTEN = ("listen", "compound_bands", "compound", "persist", *SHOWING)
FROM_ACQUIRE = ("acquire", "gas", "fold", *FROM_LISTEN)
FROM_PATHS = ("paths", "rays", "echoes", "ghosts", "mixture", "spectra", "loss", *FROM_ACQUIRE)
SPECKLED = uniform(**SPECKLE, attenuation_db_m=50.0)

KNOWS_NO_DEPTH = ("sector", "looks", "face", "aim", "reach")
KNOWS_NO_LOOK = ("sector", "zones", "face", "ranges", "bands", "span", "output", "pulse")
KNOWS_NO_SECTOR = ("zones", "looks", "face", "ranges", "reach", "bands", "span", "pulse")
FROM_ZONES = ("zones", "transmit", "output", "beams", "interference", *FROM_ACQUIRE)
FROM_FACE = tuple(n for n in ALL if n not in (*KNOWS_NO_LOOK, "looks", "reach") or n == "face")
"""All that knows the elements."""

# knob -> a value that is not the default, and the stages that must run for it
TURNED: dict[str, tuple[object, tuple[str, ...]]] = {
    "gain_db": (5, SHOWING),
    "tgc_db": ([3] * 8, SHOWING),
    "dynamic_range_db": (50, FROM_DETECT),
    "rejection_db": (10, FROM_DETECT),
    "frequency_compounding": ("2", ("compound_bands", "compound", "persist", *SHOWING)),
    "persistence": (2, ("persist", *SHOWING)),
    "speckle_reduction": (2, ("despeckle", *FROM_DETECT)),
    "edge_enhancement": (2, ("sharpen", "scan_convert", "grey_map")),
    "grey_map": ("soft", ("grey_map",)),
    "power_db": (-6, ("output", *FROM_LISTEN)),
    "focus_mm": (25, FROM_ZONES),
    "focal_zones": ("3", FROM_ZONES),
    "tx_f_number": (
        3,
        (
            "rays",
            "echoes",
            "ghosts",
            "mixture",
            "spectra",
            "transmit",
            "output",
            "beams",
            "loss",
            *FROM_ACQUIRE,
        ),
    ),
    "tx_apodisation": (
        "hann",
        (
            "rays",
            "echoes",
            "ghosts",
            "mixture",
            "spectra",
            "transmit",
            "output",
            "beams",
            "loss",
            *FROM_ACQUIRE,
        ),
    ),
    "rx_f_number": (
        2,
        (
            "reach",
            "rays",
            "echoes",
            "ghosts",
            "mixture",
            "spectra",
            "reception",
            "beams",
            "loss",
            "noise",
            "ringing",
            *FROM_ACQUIRE,
        ),
    ),
    "rx_apodisation": (
        "rect",
        (
            "rays",
            "echoes",
            "ghosts",
            "mixture",
            "spectra",
            "reception",
            "beams",
            "loss",
            "noise",
            "ringing",
            *FROM_ACQUIRE,
        ),
    ),
    "refraction": ("off", FROM_PATHS),
    "multiple_paths": (
        "off",
        ("ghosts", "mixture", "spectra", "loss", "acquire", "fold", *FROM_LISTEN),
    ),
    "attenuation": ("off", ("matter", "speed", *FROM_PATHS)),
    "speed_differences": ("off", ("matter", "speed", *FROM_PATHS)),
    "fibre_coherence": ("off", ("matter", "speed", *FROM_PATHS)),
    "slice_thickness": ("off", ("matter", "speed", *FROM_PATHS)),
    "side_lobes": (
        "off",
        (
            "rays",
            "echoes",
            "ghosts",
            "mixture",
            "spectra",
            "loss",
            "reception",
            "transmit",
            "output",
            "beams",
            "noise",
            "ringing",
            *FROM_ACQUIRE,
        ),
    ),
    "noise": ("off", ("noise", *FROM_LISTEN)),
    "interference_db": (30, ("interference", *FROM_LISTEN)),
    "ring_down": ("on", ("ringing", *FROM_LISTEN)),  # off in `look`
    "dead_elements": (8, FROM_FACE),
    "lost_contact_percent": (-20, FROM_FACE),
    "air_bubble_mm": (4, FROM_FACE),
    "harmonic": (
        "on",
        (
            "senders",
            "transmit",
            "output",
            "beams",
            "loss",
            "pulse",
            "noise",
            "ringing",
            *FROM_ACQUIRE,
        ),
    ),
    "machine_speed_m_s": (
        1460,
        tuple(name for name in ALL if name not in (*KNOWS_NO_DEPTH, "zones")),
    ),
    "aberration": ("off", ("speed",)),  # of 1540 m/s, as the machine believes
    "depth_mm": (30, tuple(name for name in ALL if name not in KNOWS_NO_DEPTH)),
    "line_density": ("low", tuple(name for name in ALL if name not in KNOWS_NO_SECTOR)),
    "width_percent": (50, tuple(name for name in ALL if name not in KNOWS_NO_SECTOR)),
    "centre_mm": (4, tuple(name for name in ALL if name not in KNOWS_NO_SECTOR)),
    "top_mm": (5, ("zones", "raster", "scan_convert", "grey_map")),
    "pulse_rate": (
        "high",
        tuple(name for name in ALL if name not in (*KNOWS_NO_DEPTH, "zones")),
    ),
    "steer_deg": (10, tuple(name for name in ALL if name not in KNOWS_NO_LOOK)),
    "compound_angles": ("5", tuple(name for name in ALL if name not in KNOWS_NO_LOOK)),
    "trapezoid": ("on", tuple(name for name in ALL if name not in KNOWS_NO_LOOK)),
}


WITH: dict[str, dict[str, object]] = {"centre_mm": {"width_percent": 50}}
"""What a knob needs to be turned at all."""


def in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in ALL if name in names)


@pytest.fixture(scope="module")
def chain() -> BModeChain:
    return BModeChain()


def test_every_knob_is_named_by_some_stage() -> None:
    seen = {knob for stage in B_MODE for knob in stage.knobs}
    assert seen == {field.name for field in fields(ScanSettings)}


def test_every_input_of_a_stage_comes_before_it() -> None:
    known = {"medium", "probe", "pose", "seed", "noise_seed", "history"}
    for stage in B_MODE:
        assert set(stage.inputs) <= known, stage.name
        known.add(stage.name)


@pytest.mark.parametrize("knob", [k for k in KNOBS if k != "frequency_mhz"])
def test_turning_a_knob_runs_what_looks_at_it_and_nothing_else(
    knob: str, chain: BModeChain
) -> None:
    value, expected = TURNED[knob]
    first = WITH.get(knob, {})
    look(SPECKLED, chain=chain, **first)
    assert look(SPECKLED, chain=chain, **first, **{knob: value}).ran == in_order(expected)


def test_frequency_keeps_the_beams_while_it_stays_in_their_sub_bands(chain: BModeChain) -> None:
    """The pulse is weighed anew; beams and losses only when it needs other sub-bands."""
    pulse_only = in_order(
        ("span", "output", "pulse", "noise", "interference", "ringing", *FROM_ACQUIRE)
    )
    look(SPECKLED, chain=chain, frequency_mhz=10)
    assert look(SPECKLED, chain=chain, frequency_mhz=10.1).ran == pulse_only
    far = look(SPECKLED, chain=chain, frequency_mhz=5).ran
    assert far == in_order((*pulse_only, "transmit", "beams", "loss"))


def test_a_wide_receive_beam_reaches_farther_and_lays_everything_out_anew(
    chain: BModeChain,
) -> None:
    look(SPECKLED, chain=chain)
    ran = look(SPECKLED, chain=chain, rx_f_number=6).ran
    assert {"reach", "layout", "slice", "transmit", "reception"} <= set(ran)


@pytest.mark.parametrize(
    ("change", "untouched"),
    [
        ({"pose": Pose(1e-3, 0.0)}, {"layout", "bands", "elements", "transmit", "beams", "noise"}),
        ({"pose": Pose(0.0, 0.05)}, {"layout", "bands", "elements", "transmit", "beams", "noise"}),
        ({"seed": 2}, {"slice", "survey", "rays", "beams", "noise"}),
        ({"noise_seed": 2}, {"slice", "echoes", "beams", "acquire"}),
    ],
)
def test_moving_the_probe_keeps_the_beams_and_new_noise_keeps_the_echoes(
    change: dict[str, object], untouched: set[str], chain: BModeChain
) -> None:
    look(SPECKLED, chain=chain)
    ran = look(SPECKLED, chain=chain, **change).ran
    assert ran
    assert not untouched & set(ran)


@pytest.mark.parametrize("knob", KNOBS)
def test_turning_a_knob_back_runs_nothing(knob: str, chain: BModeChain) -> None:
    value = 8 if knob == "frequency_mhz" else TURNED[knob][0]
    first = look(SPECKLED, chain=chain)
    look(SPECKLED, chain=chain, **WITH.get(knob, {}), **{knob: value})
    again = look(SPECKLED, chain=chain)
    assert again.ran == ()
    assert again.milliseconds == {}
    assert again.picture is first.picture


@pytest.mark.parametrize("knob", KNOBS)
def test_what_may_run_is_known_before_it_runs(knob: str, chain: BModeChain) -> None:
    value = 5 if knob == "frequency_mhz" else TURNED[knob][0]
    first = WITH.get(knob, {})
    look(SPECKLED, chain=chain, **first)
    ran = look(SPECKLED, chain=chain, **first, **{knob: value}).ran
    touched = chain.pipeline.touched_by(KNOBS[knob].field)
    assert set(ran) <= set(touched)
    assert touched[-1] == "grey_map"


def test_a_frozen_picture_may_change_what_comes_after_the_echoes_are_in(chain: BModeChain) -> None:
    for field in ("gain_db", "tgc_db", "dynamic_range_db", "speckle_reduction", "rejection_db",
                  "edge_enhancement", "grey_map"):  # fmt: skip
        assert set(chain.pipeline.touched_by(field)) <= set(SHOWING)
    for field in ("focus_m", "frequency_hz", "power_db", "depth_m", "persistence"):
        assert not set(chain.pipeline.touched_by(field)) <= set(SHOWING)


def test_the_same_request_gives_the_same_picture_in_another_chain() -> None:
    knobs = {"frequency_mhz": 8, "depth_mm": 25}
    first, second = (look(SPECKLED, chain=BModeChain(), **knobs) for _ in range(2))
    np.testing.assert_array_equal(first.picture, second.picture)
    np.testing.assert_array_equal(first.iq, second.iq)


def test_the_way_to_a_setting_does_not_show_in_the_picture(chain: BModeChain) -> None:
    look(SPECKLED, chain=chain, frequency_mhz=5, focus_mm=30, pose=Pose(4e-3, 0.1), seed=3)
    arrived = look(SPECKLED, chain=chain, frequency_mhz=8, depth_mm=25)
    straight = look(SPECKLED, chain=BModeChain(), frequency_mhz=8, depth_mm=25)
    np.testing.assert_array_equal(arrived.iq, straight.iq)


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(np.vdot(a, b)) / (np.linalg.norm(a) * np.linalg.norm(b)))


def test_another_seed_is_another_tissue_of_the_same_kind() -> None:
    one, other = (part(look(SPECKLED, seed=s), x_mm=(-12, 12), z_mm=(15, 25)) for s in (1, 2))
    assert correlation(one, other) < 0.1
    ratio = np.mean(np.abs(one) ** 2) / np.mean(np.abs(other) ** 2)
    assert ratio == pytest.approx(1.0, abs=0.1)


def test_speckle_moves_with_the_tissue_when_the_probe_slides() -> None:
    """Slid by ten line spacings the same speckle stands ten lines farther to the left; a
    speckle's width decorrelates it in place; and it comes back when the probe does."""
    here, slid = (
        look(SPECKLED, pose=Pose(x, 0.0), frequency_mhz=8, depth_mm=30) for x in (0.0, 2e-3)
    )
    middle, depth = slice(60, 130), slice(100, 600)
    moved = slice(middle.start + 10, middle.stop + 10)
    assert correlation(here.iq[moved, depth], slid.iq[middle, depth]) > 0.99
    assert correlation(here.iq[middle, depth], slid.iq[middle, depth]) < 0.15
    back = look(SPECKLED, pose=Pose(0.0, 0.0), frequency_mhz=8, depth_mm=30)
    np.testing.assert_array_equal(back.iq, here.iq)


def test_speckle_changes_smoothly_under_a_slow_slide() -> None:
    """Less than a speckle's width at a time: highly, ever less correlated."""
    frames = [
        look(SPECKLED, pose=Pose(x * 1e-3, 0.0), frequency_mhz=8) for x in (0, 0.03, 0.1, 0.2)
    ]
    parts = [part(f, x_mm=(-10, 10), z_mm=(15, 25)) for f in frames]
    steps = [correlation(parts[0], p) for p in parts]
    assert steps[1] > 0.95
    assert all(a > b for a, b in pairwise(steps))


def test_sliding_moves_a_thing_across_the_picture_and_rocking_turns_it_about_the_face() -> None:
    ball = Medium(make_tissues(SPECKLE, {}), (Region(0), Region(1, disc(3e-3, 20e-3, 3e-3))))
    for pose in (Pose(), Pose(4e-3, 0.0), Pose(0.0, 0.12), Pose(-2e-3, -0.1)):
        frame = look(ball, pose=pose, frequency_mhz=10)
        x, z = pose.to_probe(np.array(3e-3), np.array(20e-3))
        around = {"x_mm": (x * 1e3 - 1.5, x * 1e3 + 1.5), "z_mm": (z * 1e3 - 1.5, z * 1e3 + 1.5)}
        beside = {"x_mm": (x * 1e3 - 7, x * 1e3 - 4.5), "z_mm": around["z_mm"]}
        inside, outside = (np.mean(np.abs(part(frame, **w)) ** 2) for w in (around, beside))
        assert 10 * np.log10(outside / inside) > 15, pose


def test_the_later_of_two_regions_covers_the_earlier() -> None:
    tissues = make_tissues(SPECKLE, {})
    hole, over = Region(1, below(10e-3)), Region(0, below(20e-3), seed=5)
    frame = look(Medium(tissues, (Region(0), hole, over)), frequency_mhz=8)
    level = [
        np.mean(np.abs(part(frame, x_mm=(-12, 12), z_mm=z)) ** 2)
        for z in ((5, 9), (12, 18), (22, 28))
    ]
    assert level[1] < 1e-3 * level[0]
    assert level[2] > 100 * level[1]


# ---- the pipeline by itself -------------------------------------------------------------


@dataclass(frozen=True)
class Dials:
    a: int = 0
    b: int = 0


def little_chain() -> tuple[Pipeline, list[str]]:
    """first(a) -> second(b, source); notes what ran."""
    notes: list[str] = []

    def first(*, a: int) -> int:
        notes.append("first")
        return 10 * a

    def second(value: int, source: int, *, b: int) -> int:
        notes.append("second")
        return value + source + b

    stages = (
        Stage("first", first, (), ("a",)),
        Stage("second", second, ("first", "source"), ("b",)),
    )
    return Pipeline(stages), notes


@pytest.mark.nojit
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=30
    )
)
def test_a_pipeline_gives_what_running_everything_would(
    moves: list[tuple[int, int, int]],
) -> None:
    pipeline, notes = little_chain()
    for a, b, source in moves:
        notes.clear()
        values = pipeline.run(Dials(a, b), {"source": Source(source, source)})
        assert values["second"] == 10 * a + source + b
        assert pipeline.ran == notes
        pipeline.run(Dials(a, b), {"source": Source(source, source)})
        assert pipeline.ran == []


@pytest.mark.nojit
def test_a_pipeline_remembers_three_results_and_forgets_older_ones() -> None:
    pipeline, _ = little_chain()
    source = {"source": Source(0, 0)}
    for a in (1, 2, 3):
        pipeline.run(Dials(a), source)
    pipeline.run(Dials(1), source)
    assert pipeline.ran == []
    pipeline.run(Dials(4), source)
    pipeline.run(Dials(2), source)  # the one not used for longest was dropped
    assert pipeline.ran == ["first", "second"]


@pytest.mark.nojit
def test_a_stage_known_by_value_spares_those_behind_it() -> None:
    """If its new result equals the old one, nothing behind it runs."""
    ran: list[str] = []

    def sign(*, a: int) -> bool:
        return a > 0

    def slow(positive: bool) -> str:
        ran.append("slow")
        return "plus" if positive else "minus"

    pipeline = Pipeline(
        (Stage("sign", sign, (), ("a",), by_value=True), Stage("slow", slow, ("sign",)))
    )
    assert pipeline.run(Dials(1), {})["slow"] == "plus"
    assert pipeline.run(Dials(2), {})["slow"] == "plus"
    assert pipeline.run(Dials(-1), {})["slow"] == "minus"
    assert ran == ["slow", "slow"]


@pytest.mark.nojit
def test_a_source_is_known_by_its_key_alone() -> None:
    pipeline, _ = little_chain()
    pipeline.run(Dials(), {"source": Source("same", 1)})
    assert pipeline.run(Dials(), {"source": Source("same", 2)})["second"] == 1
    assert pipeline.run(Dials(), {"source": Source("new", 2)})["second"] == 2


@pytest.mark.nojit
def test_touched_by_follows_the_graph() -> None:
    pipeline, _ = little_chain()
    assert pipeline.touched_by("a") == ("first", "second")
    assert pipeline.touched_by("b") == ("second",)
    assert pipeline.touched_by("source") == ("second",)
    assert pipeline.touched_by("nothing") == ()

"""Cine memory: bounded, one film at a time, and what scrubbing, playing and trimming show."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from window_fakes import FakeEngine

from simulator.models.cine import Cine
from simulator.renderer import Request, start_request

INTERVAL_S = 0.1
SHOT_BYTES = 400 * 384 + 7536
"""Picture, and the curves drawn beside it."""


def request(n: int = 0, **changes) -> Request:
    return replace(start_request("muscle_block"), noise_seed=n + 1, **changes)


def filled(n: int, cine: Cine | None = None, interval_s: float = INTERVAL_S, **changes) -> Cine:
    """Memory with the pictures of noise 1, 2, ..., n."""
    cine, engine = Cine() if cine is None else cine, FakeEngine()
    for i in range(n):
        asked = request(i, **changes)
        cine.add(asked, engine(asked), i * interval_s)
    return cine


def seeds(shots) -> list[int]:
    return [shot.request.noise_seed for shot in shots]


def test_an_empty_memory_shows_nothing():
    cine = Cine()
    cine.seek(3)
    cine.play(1.0)
    assert (len(cine), cine.shown, cine.loop, cine.age_s, cine.elapsed_s()) == (0, None, (), 0, 0)


def test_it_shows_the_newest_picture_and_keeps_its_settings():
    cine = filled(5)
    assert cine.shown.request == request(4)
    np.testing.assert_array_equal(cine.shown.frame.picture, FakeEngine()(request(4)).picture)
    assert cine.shown.frame.settings == request().settings


def test_pictures_older_than_ten_seconds_go():
    cine = filled(150)
    times = [shot.time_s for shot in cine.loop]
    assert times[-1] - times[0] == pytest.approx(10.0)
    assert seeds(cine.loop)[0] == 50


@settings(max_examples=25)
@given(st.integers(1, 60), st.integers(1, 12))
def test_memory_stays_bounded_however_fast_pictures_come(n, room):
    cine = filled(n, Cine(most_bytes=room * SHOT_BYTES), interval_s=0.001)
    assert cine.n_byte == len(cine) * SHOT_BYTES
    assert len(cine) == min(n, room)
    assert cine.shown.request.noise_seed == n


def test_one_picture_is_kept_however_large():
    assert len(filled(3, Cine(most_bytes=1))) == 1


def test_a_remembered_picture_has_no_signals():
    frame = filled(1).shown.frame
    assert frame.iq.size == frame.envelope.size == 0
    assert frame.medium is None


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": request().settings.turned(depth_mm=30)},
        {"probe": "L18-4"},
        {"phantom": "qa_block"},
        {"acquisition": 2},
    ],
)
def test_another_depth_probe_phantom_or_run_starts_a_new_film(changes):
    cine = filled(5)
    other = request(9, **changes)
    cine.add(other, FakeEngine()(other), 1.0)
    assert [shot.request for shot in cine.loop] == [other]
    assert cine.n_byte < 1.1 * SHOT_BYTES


def test_scrubbing_stops_at_the_ends():
    cine = filled(5)
    cine.seek(-3)
    assert (cine.position, cine.age_s) == (0, pytest.approx(0.4))
    cine.seek(99)
    assert (cine.position, cine.age_s) == (4, 0.0)


def test_trimming_keeps_the_loop_between_two_pictures_and_forgets_nothing():
    cine = filled(10)
    cine.seek(2)
    cine.start_here()
    cine.seek(6)
    cine.end_here()
    assert seeds(cine.loop) == [3, 4, 5, 6, 7]
    cine.seek(0)
    assert cine.position == 2
    cine.seek(9)
    assert cine.position == 6
    cine.untrim()
    assert len(cine.loop) == 10


def test_a_loop_plays_at_the_pace_it_was_seen_and_begins_again():
    cine, engine = Cine(), FakeEngine()
    for i, time_s in enumerate((0.0, 0.1, 0.5, 0.6)):
        cine.add(request(i), engine(request(i)), time_s)
    assert cine.interval_s == pytest.approx(0.2)
    seen = []
    for elapsed_s in (0.0, 0.09, 0.11, 0.49, 0.51, 0.7, 0.79, 0.81, 0.91):
        cine.play(elapsed_s)
        seen.append(cine.position)
    assert seen == [0, 0, 1, 1, 2, 3, 3, 0, 1]


def test_a_trimmed_loop_plays_only_what_is_left():
    cine = filled(10)
    cine.seek(4)
    cine.start_here()
    cine.seek(6)
    cine.end_here()
    for elapsed_s in np.arange(0, 1, 0.01):
        cine.play(elapsed_s)
        assert 4 <= cine.position <= 6


def test_a_frozen_picture_under_another_gain_takes_the_place_of_the_newest():
    cine = filled(3)
    louder = request(2, settings=request().settings.turned(gain_db=9))
    cine.retake(louder, FakeEngine()(louder))
    assert seeds(cine.loop) == [1, 2, 3]
    assert cine.shown.request == louder
    assert cine.shown.time_s == pytest.approx(2 * INTERVAL_S)


def test_the_model_knows_no_qt():
    import subprocess
    import sys

    names = "simulator.models.cine, simulator.models.measurements"
    code = f"import sys, {names}; sys.exit('PySide6' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0

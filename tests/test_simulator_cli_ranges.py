"""Numbers on the command line: what is read, and what is refused."""

import argparse

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.cli import join_signed_values
from simulator.number_range import between, finite, size, spaced, whole


def test_range_includes_both_ends():
    lines = spaced(4096)("-6:6:0.15")
    assert lines.size == 81
    np.testing.assert_allclose([lines[0], lines[40], lines[-1]], [-6, 0, 6], atol=1e-12)
    assert spaced(200_000)("5:35:0.025").size == 1201


def test_range_stops_before_what_no_step_lands_on():
    np.testing.assert_allclose(spaced(10)("0:1:0.4"), [0, 0.4, 0.8])


def test_range_of_one_number():
    np.testing.assert_array_equal(spaced(10)("2:2:1"), [2.0])


@given(
    start=st.integers(-1000, 1000),
    count=st.integers(1, 4096),
    step=st.sampled_from([0.001, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.3, 1 / 3, 2.5]),
)
def test_stop_written_from_its_own_steps_is_always_included(start, count, step):
    stop = start + (count - 1) * step
    numbers = spaced(4096)(f"{start}:{stop!r}:{step!r}")
    assert numbers.size == count
    assert abs(numbers[-1] - stop) < 1e-6 * step


@given(text=st.text(max_size=30) | st.from_regex(r"-?\d{1,9}:-?\d{1,9}:-?\d{0,9}", fullmatch=True))
def test_any_text_is_a_short_range_or_is_refused(text):
    try:
        numbers = spaced(100)(text)
    except argparse.ArgumentTypeError:
        return
    assert 1 <= numbers.size <= 100
    assert np.isfinite(numbers).all()


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1:2", "1:2:3:4", "a:2:1", "1:nan:1", "1:inf:1", "0:5:0", "0:5:-1", "5:0:1"),
        *("0:1:1e-300", "0:1e300:1", "-1e300:1e300:1e298", "0:100:1"),
    ],
)
def test_bad_ranges_are_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        spaced(100)(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "", "one", "1,5", "0x10"])
def test_only_finite_numbers_are_numbers(text):
    with pytest.raises(argparse.ArgumentTypeError):
        finite(text)


def test_numbers_keep_within_their_limits():
    assert between(0, 10)("0.5") == 0.5
    assert whole(0, 7)("7") == 7
    for read, text in [
        (between(0, 10), "10.1"),
        (between(0, 10), "-1"),
        (whole(0, 7), "8"),
        (whole(0, 7), "-1"),
        (whole(0, 7), "1.0"),
        (whole(0, 7), "9" * 5000),
    ]:
        with pytest.raises(argparse.ArgumentTypeError, match="allowed"):
            read(text)


def test_window_sizes():
    assert size("1366x768") == (1366, 768)
    for text in ("1366", "1366x", "x768", "-1x5", "10x10", "99999x99999", "1e3x1e3", "٣x٣"):
        with pytest.raises(argparse.ArgumentTypeError):
            size(text)


def test_values_that_begin_with_a_minus_stay_with_their_option():
    joined = join_signed_values(["--line-x-mm", "-6:6:0.15", "--planar", "--slide-mm", "-1e-3"])
    assert joined == ["--line-x-mm=-6:6:0.15", "--planar", "--slide-mm=-1e-3"]
    assert join_signed_values(["--slide-mm", "--planar"]) == ["--slide-mm", "--planar"]

"""Our two curves are scipy's, without the half second that importing scipy's takes."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.interpolate import CubicSpline, PchipInterpolator

from phantoms.splines import monotone_curve, natural_spline


@pytest.mark.parametrize("n", [2, 3, 4, 9])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (natural_spline, lambda x, y: CubicSpline(x, y, bc_type="natural")),
        (monotone_curve, PchipInterpolator),
    ],
)
def test_curves_equal_scipys(rng, n, ours, theirs):
    for _ in range(20):
        x = np.cumsum(rng.uniform(0.1, 2.0, n))
        y = np.round(rng.normal(size=n), 1)  # rounded: level stretches occur
        u = np.linspace(x[0], x[-1], 101)
        expected = theirs(x, y)
        value, slope = ours(x, y)(u)
        np.testing.assert_allclose(value, expected(u), atol=1e-12)
        np.testing.assert_allclose(slope, expected(u, 1), atol=1e-10)


def test_loading_a_phantom_needs_no_scipy():
    code = (
        "import sys; from phantoms import load_phantom; load_phantom('supraspinatus_lax'); "
        "sys.exit('scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

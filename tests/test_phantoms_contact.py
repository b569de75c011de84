"""Skin against the probe: pressed tissue moves, bone stays, lifted skin keeps its shape."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phantoms.contact import Contact

X_M = np.linspace(-0.02, 0.02, 81)[:, None]


@pytest.mark.parametrize("rock_deg", [-20, -7, 3, 20])
def test_skin_lies_against_the_face_where_it_is_pressed(rock_deg: float) -> None:
    contact = Contact(0.001, np.tan(np.radians(rock_deg)), 0.015)
    face = (X_M - 0.001) * contact.slope
    pressed = face > 1e-4
    depth, _ = contact.material_depth(X_M.astype(np.float32), face.astype(np.float32))
    np.testing.assert_allclose(depth[pressed], 0.0, atol=1e-7)
    np.testing.assert_allclose(depth[~pressed], np.minimum(face[~pressed], 1e-4), atol=1.1e-4)


@pytest.mark.parametrize("rock_deg", [-20, 5, 20])
def test_nothing_moves_below_the_soft_depth_nor_under_lifted_skin(rock_deg: float) -> None:
    contact = Contact(0.0, np.tan(np.radians(rock_deg)), 0.015)
    z = np.linspace(0.015, 0.06, 200, dtype=np.float32)[None, :]
    deep, stretch = contact.material_depth(X_M.astype(np.float32), z)
    np.testing.assert_allclose(deep, np.broadcast_to(z, deep.shape), atol=1e-7)
    np.testing.assert_allclose(stretch, 1.0, atol=1e-6)
    lifted = X_M[X_M * contact.slope < 0][:, None].astype(np.float32)
    shallow = np.linspace(0, 0.014, 50, dtype=np.float32)[None, :]
    same, _ = contact.material_depth(lifted, shallow)
    np.testing.assert_allclose(same, np.broadcast_to(shallow, same.shape), atol=1e-7)


@given(
    slope=st.floats(-0.6, 0.6),
    x=st.floats(-0.025, 0.025),
    z=st.floats(0.0, 0.05),
    soft=st.floats(0.006, 0.03),
)
def test_pressing_and_its_inverse_agree(slope: float, x: float, z: float, soft: float) -> None:
    contact = Contact(0.0, slope, soft)
    at = np.array([x])
    now = contact.pressed_depth(at, np.array([z]))
    back, _ = contact.material_depth(np.float32(at), np.float32(now))
    assert back[0] == pytest.approx(z, abs=1e-6)


def test_the_magnification_is_the_derivative_of_depth() -> None:
    contact = Contact(0.0, np.tan(np.radians(18)), 0.015)
    z = np.linspace(0.008, 0.02, 2401)[None, :]
    depth, stretch = contact.material_depth(X_M, z)
    slope = np.gradient(depth, z[0], axis=1)
    inside = slope[:, 1:-1] >= 1
    np.testing.assert_allclose(stretch[:, 1:-1][inside], slope[:, 1:-1][inside], atol=2e-3)
    assert np.all(np.diff(depth, axis=1) > 0)  # tissue never folds over


@given(
    slope=st.floats(-0.6, 0.6),
    x=st.floats(-0.025, 0.025),
    z=st.floats(0.0, 0.05),
    gel=st.floats(1e-4, 0.02),
)
def test_gel_under_the_face_takes_away_from_what_is_pressed(
    slope: float, x: float, z: float, gel: float
) -> None:
    """And what is still pressed follows the same law, with its inverse."""
    at = np.array([x])
    bare, padded = Contact(0.0, slope, 0.015), Contact(0.0, slope, 0.015, gel)
    assert padded.pressed_m(at)[0] == pytest.approx(
        min(max(x * np.float32(slope) - gel, 0.0), 0.6 * 0.015), abs=1e-6
    )
    assert padded.pressed_m(at)[0] <= bare.pressed_m(at)[0] + 1e-9
    now = padded.pressed_depth(at, np.array([z]))
    back, _ = padded.material_depth(np.float32(at), np.float32(now))
    assert back[0] == pytest.approx(z, abs=1e-6)

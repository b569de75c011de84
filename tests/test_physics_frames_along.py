"""Material coordinates are worked out along rays only where they are asked for."""

from dataclasses import replace

import numpy as np
import pytest

from physics import paths
from simulator.renderer import Renderer, start_request


@pytest.mark.parametrize("name", ["supraspinatus_lax", "achilles"])
def test_no_echo_asks_for_a_frame_where_no_region_has_it(monkeypatch, name: str) -> None:
    """What is left out, filled with nan, changes no bit of the signals."""
    start = start_request(name)
    tilted = replace(start, pose=replace(start.pose, tilt_rad=start.pose.tilt_rad + 0.05))
    plain = Renderer().render(tilted).iq
    see, empty = paths._frames_along, np.empty

    def nowhere(shape, dtype=float):
        return np.full(shape, np.nan if np.dtype(dtype).kind == "f" else 0, dtype)

    def poisoned(*arguments):
        np.empty = nowhere
        try:
            return see(*arguments)
        finally:
            np.empty = empty

    monkeypatch.setattr(paths, "_frames_along", poisoned)
    np.testing.assert_array_equal(Renderer().render(tilted).iq, plain)

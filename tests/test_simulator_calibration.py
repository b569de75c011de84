"""Wires of a test block measure what they are apart: with our calipers and in the DICOM file."""

import io
from dataclasses import replace

import numpy as np
import pydicom
import pytest

from simulator.film import FORMATS, Film
from simulator.models.measurements import Distance
from simulator.renderer import Renderer, start_request

UPPER, LOWER, BESIDE = (0.0, 20e-3), (0.0, 40e-3), (20e-3, 40e-3)
"""Wires of the phantom qa_block, body coordinates, m."""


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def pixel_at(picture: np.ndarray, row: float, column: float) -> tuple[float, float]:
    """Centroid (row, column) of the brightest spot within 20 pixels of a place."""
    first = max(round(row) - 20, 0), max(round(column) - 20, 0)
    near = picture[first[0] : round(row) + 21, first[1] : round(column) + 21].astype(float)
    weight = np.where(near > 0.8 * near.max(), near, 0.0)
    rows, columns = np.indices(near.shape)
    total = weight.sum()
    return (
        first[0] + float((weight * rows).sum() / total),
        first[1] + float((weight * columns).sum() / total),
    )


@pytest.mark.parametrize("machine_m_s", [1540.0, 1440.0])
def test_wires_measure_what_they_are_apart_as_far_as_the_machine_knows_the_speed(
    renderer, machine_m_s
):
    """Depths scale with the machine's speed over that of the block, 1540 m/s; widths do not.

    0.1 mm is two pixels, and what a read-out shows.
    """
    request = start_request("qa_block")
    request = replace(request, settings=request.settings.turned(machine_speed_m_s=machine_m_s))
    frame = renderer.render(request)
    scale = machine_m_s / 1540
    pixels = []
    for x_body, z_body in (UPPER, LOWER, BESIDE):
        x_m, z_m = frame.pose.to_probe(np.array(x_body), np.array(z_body))
        pixels.append(pixel_at(frame.picture, *map(float, frame.pixel_of(x_m, z_m * scale))))
    ours = [tuple(map(float, frame.place_of(*map(np.array, pixel)))) for pixel in pixels]
    down, across = (Distance(ours[i], ours[i + 1]).length_m * 1e3 for i in (0, 1))
    assert down == pytest.approx(20 * scale, abs=0.1)
    assert across == pytest.approx(20, abs=0.1)

    file = io.BytesIO()
    FORMATS[".dcm"].write(file, Film((frame,), 0.1, "{}", "qa_block", "Test block"))
    data = pydicom.dcmread(io.BytesIO(file.getvalue()))
    (region,) = data.SequenceOfUltrasoundRegions
    cm = np.array([region.PhysicalDeltaY, region.PhysicalDeltaX])
    upper, lower, beside = (np.array(pixel_at(data.pixel_array, *pixel)) * cm for pixel in pixels)
    assert 10 * np.hypot(*(lower - upper)) == pytest.approx(down, abs=0.01)
    assert 10 * np.hypot(*(beside - lower)) == pytest.approx(across, abs=0.01)

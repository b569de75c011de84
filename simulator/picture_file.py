"""Writes what the engine computed: grey pictures as PNG, arrays as NPZ."""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, PngImagePlugin

from physics.frame import Frame
from physics.settings import ScanSettings
from simulator.placing import pose_texts
from simulator.renderer import Request
from simulator.version import program_version


def settings_json(settings: ScanSettings, **more: Any) -> str:
    """Every knob by display name, and whatever else the result depends on, as one JSON object."""
    knobs = {name: _rounded(value) for name, value in settings.to_display().items()}
    return json.dumps({**more, **knobs, "insonate": program_version()}, allow_nan=False)


def describe(request: Request) -> str:
    """The request as one JSON object."""
    return settings_json(
        request.settings,
        phantom=request.phantom,
        probe=request.probe,
        **pose_texts(request.pose),
        seed=request.seed,
        noise_seed=request.noise_seed,
    )


def write_png(file: BinaryIO, picture: np.ndarray, description: str) -> None:
    """Greyscale PNG of `picture` (uint8 [row, column]) with `description` as its comment."""
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Description", description)
    comment.add_text("Software", f"Insonate {program_version()}")
    Image.fromarray(np.ascontiguousarray(picture)).save(file, format="PNG", pnginfo=comment)


def write_frame(file: BinaryIO, frame: Frame, description: str) -> None:
    """NPZ with `iq`, `line_x_m`, `sample_z_m`, `picture`, `settings_json` and `output_json`."""
    write_arrays(
        file,
        {
            "iq": frame.iq.astype(np.complex64, copy=False),
            "line_x_m": frame.line_x_m,
            "sample_z_m": frame.sample_z_m,
            "picture": frame.picture.astype(np.uint8, copy=False),
            "settings_json": np.array(description),
            "output_json": np.array(json.dumps(frame.output.to_dict(), allow_nan=False)),
        },
    )


def write_arrays(file: BinaryIO, arrays: Mapping[str, Any]) -> None:
    """Uncompressed NPZ (echoes with noise do not compress)."""
    np.savez(file, **arrays)


def _rounded(value: Any) -> Any:
    """Numbers without the last digits that unit conversion leaves behind."""
    if isinstance(value, tuple):
        return [_rounded(v) for v in value]
    return float(f"{value:.12g}") if isinstance(value, float) else value

"""From a question's scene to a picture: what to render, and the marks that lie over it."""

import io
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lessons.fresh.scene import Mark, Scene
from phantoms import load_phantom
from physics.frame import Frame
from physics.probe import find_probe
from physics.settings import check_for_probe
from simulator.placing import POSE
from simulator.renderer import Renderer, Request, start_request

WIDTH, QUALITY = 520, 82
"""Pixels across, and JPEG quality: three pictures fill a printed page of 300 dpi well enough."""

MOST_HEIGHT = 460
_WHITE, _BLACK = 255, 0
_CROSS, _ARROW, _LETTER = 7, 26, 17


def request_of(scene: Scene) -> Request:
    """What the renderer is asked for; ValueError if the phantom or probe cannot do it."""
    start = start_request(scene.phantom, view_name=scene.view)
    settings = start.settings.turned(**dict(scene.knobs))
    check_for_probe(settings, find_probe(start.probe))
    phantom, pose = load_phantom(scene.phantom), start.pose
    for name, value in scene.pose:
        POSE[name].check(value, phantom, name)
        pose = replace(pose, **{POSE[name].field: POSE[name].si(value)})
    return replace(start, pose=pose, settings=settings, seed=scene.seed, noise_seed=scene.seed)


def scene_jpeg(scene: Scene, renderer: Renderer) -> bytes:
    """The picture as greyscale JPEG, at most `WIDTH` wide and `MOST_HEIGHT` high."""
    frame = renderer.render_settled(request_of(scene))
    image = drawn(frame, scene.marks)
    out = io.BytesIO()
    image.save(out, format="JPEG", quality=QUALITY)
    return out.getvalue()


def drawn(frame: Frame, marks: Sequence[Mark]) -> Image.Image:
    """The frame's picture, made smaller, under the marks."""
    image = Image.fromarray(np.ascontiguousarray(frame.picture))
    scale = min(WIDTH / image.width, MOST_HEIGHT / image.height)
    size = round(image.width * scale), round(image.height * scale)
    image = image.resize(size, Image.Resampling.LANCZOS)
    pen = ImageDraw.Draw(image)
    for mark in marks:
        row, column = frame.pixel_of(np.array(mark.x_m), np.array(mark.z_m))
        _draw(pen, mark, (float(column) + 0.5) * scale, (float(row) + 0.5) * scale, size)
    return image


def _draw(pen: ImageDraw.ImageDraw, mark: Mark, x: float, y: float, size: tuple[int, int]) -> None:
    if mark.kind == "arrow":
        side = 1 if x < size[0] / 2 else -1  # comes from where there is more room
        far = (x + side * _ARROW, y + _ARROW * 0.6)
        lines = [((x, y), far)]
        angle = math.atan2(far[1] - y, far[0] - x)
        for turn in (-0.45, 0.45):
            lines.append(
                ((x, y), (x + 11 * math.cos(angle + turn), y + 11 * math.sin(angle + turn)))
            )
    else:
        lines = [((x - _CROSS, y), (x + _CROSS, y)), ((x, y - _CROSS), (x, y + _CROSS))]
    for width, grey in ((6, _BLACK), (2, _WHITE)):
        for start, end in lines:
            pen.line((start, end), fill=grey, width=width)
    if mark.text:
        font = ImageFont.load_default(_LETTER)
        right = x + _CROSS + 4 if x < size[0] - 30 else x - _CROSS - 16
        pen.text(
            (right, y - _LETTER * 0.7), mark.text, fill=_WHITE, font=font, stroke_width=2,
            stroke_fill=_BLACK,
        )  # fmt: skip

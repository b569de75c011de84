"""A phantom on one sheet: each view as it is, as a map of tissues and as the machine shows it."""

import io
import math
import textwrap
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from phantoms import Phantom
from phantoms.phantom import winning_region
from phantoms.tissue import find_tissue
from physics.frame import Frame
from physics.medium import Slice
from simulator.placing import POSE
from simulator.renderer import Renderer, Request, start_request
from simulator.tissue_colours import is_light, shown_name, tissue_colour

PANEL = 460
"""Width of a panel, pixels."""
GAP, SIDE, BETWEEN = 16, 40, 26
MOST_BYTES = 250_000
STROKE_MM = 1.3
"""Length of a stroke along fibres that lie in the plane, mm."""
STROKES_MM = 1.7
"""Distance between strokes, mm."""
INK, PAPER = (20, 20, 20), (255, 255, 255)
ROWS = ("True section: surfaces, fibres", "Tissues", "B-mode")


@dataclass(frozen=True)
class Column:
    """One view: what to call it, what to look for, and its picture."""

    title: str
    look_for: str
    frame: Frame


def contact_sheet(phantom: Phantom, renderer: Renderer) -> Image.Image:
    """The sheet of a phantom: its views side by side; of one with a single view, that and the same
    turned by 90 degrees."""
    columns = [
        Column(title, look_for, renderer.render_settled(request))
        for title, look_for, request in views_of(phantom)
    ]
    return draw(phantom, columns)


def views_of(phantom: Phantom) -> list[tuple[str, str, Request]]:
    """Title, what to look for, and request of each column."""
    views = [
        (view.title, view.look_for, start_request(phantom.name, None, name))
        for name, view in phantom.views.items()
    ] or [(phantom.title, phantom.summary, start_request(phantom.name))]
    if len(views) == 1:
        request = views[0][2]
        turn = request.pose.turn_rad
        turned = replace(request.pose, turn_rad=turn - math.copysign(math.pi / 2, turn - 1e-9))
        views.append(("The same, turned by 90°", "", replace(request, pose=turned)))
    return views


def as_png(sheet: Image.Image) -> bytes:
    """The sheet as it is."""
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def as_jpeg(sheet: Image.Image) -> bytes:
    """The sheet as a JPEG of at most `MOST_BYTES`, as good as that allows."""
    while True:
        for quality in (88, 80, 72, 64, 56, 48, 40, 30):
            file = io.BytesIO()
            sheet.save(file, "JPEG", quality=quality, optimize=True)
            if file.tell() <= MOST_BYTES:
                return file.getvalue()
        sheet = sheet.reduce(2)


def draw(phantom: Phantom, columns: list[Column]) -> Image.Image:
    """The sheet of pictures that are already rendered."""
    heights = [_height(column.frame) for column in columns]
    cell = SIDE + PANEL + GAP
    words = [textwrap.wrap(column.look_for, 58) for column in columns]
    head = 48 + 30 + 20 * max(len(lines) for lines in words) + 8
    slices = [_section(phantom, column.frame) for column in columns]
    tissues = sorted({t for s, _ in slices for t in _tissues_in(phantom, s)})
    n_across = max(1, cell * len(columns) // 250)
    legend_h = 24 * math.ceil(len(tissues) / n_across) + 40
    row_h = max(heights) + BETWEEN + 24
    sheet = Image.new("RGB", (cell * len(columns) + GAP, head + 3 * row_h + legend_h), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((GAP, 10), phantom.title, INK, _font(28))
    for i, (column, lines, (cut, region)) in enumerate(zip(columns, words, slices, strict=True)):
        left = SIDE + i * cell
        pen.text((left, 50), column.title, INK, _font(21))
        pen.text((left, 78), "\n".join(lines), INK, _font(15), spacing=5)
        machine = (
            f"{ROWS[2]}: {column.frame.probe.name}, "
            f"{column.frame.settings.display('frequency_mhz'):g} MHz"
        )
        pictures = (
            _outlines(phantom, column.frame, cut, region),
            _map(phantom, column.frame, region),
            Image.fromarray(column.frame.picture).convert("RGB"),
        )
        for row, (name, picture) in enumerate(zip((*ROWS[:2], machine), pictures, strict=True)):
            top = head + row * row_h
            pen.text((left, top), name if row < 2 else machine, INK, _font(17))
            size = PANEL, heights[i]
            sheet.paste(picture.resize(size, Image.Resampling.LANCZOS), (left, top + BETWEEN))
            _scale(pen, column.frame, left, top + BETWEEN, heights[i])
        pen.text((left, head + 3 * row_h - 18), _place_text(column.frame), INK, _font(14))
    _legend(pen, tissues, GAP, head + 3 * row_h + 12, n_across)
    return sheet


def _height(frame: Frame) -> int:
    rows, across = frame.picture.shape
    return min(round(PANEL * rows / across), round(2.2 * PANEL))


def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(size)


def _place_text(frame: Frame) -> str:
    said = [
        f"{name.rpartition('_')[0].replace('_', ' ')} {part.shown(frame.pose):.3g} {part.unit}"
        for name, part in POSE.items()
        if abs(part.shown(frame.pose)) > 1e-6
    ]
    return "Probe: " + (", ".join(said) or "at the origin")


def _section(phantom: Phantom, frame: Frame) -> tuple[Slice, np.ndarray]:
    """The true medium on twice the panel's pixels, and the region of each [column, row]."""
    n_x, n_z = 2 * PANEL, 2 * _height(frame)
    dx = (frame.right_m - frame.left_m) / n_x
    dz = (frame.bottom_m - frame.top_m) / n_z
    n_cut = max(2, round(frame.bottom_m / dz))
    cut = phantom.slice(
        frame.pose, x0_m=frame.left_m + dx / 2, dx_m=dx, n_x=n_x, dz_m=dz, n_z=n_cut,
        face_m=frame.probe.footprint_m,
    )  # fmt: skip
    region = np.zeros((n_x, n_z), np.int64)
    found = winning_region(cut.distance_m)
    first = round(frame.top_m / dz)
    rows = np.arange(n_z) + first
    inside = (rows >= 0) & (rows < n_cut)
    region[:, inside] = found[:, rows[inside]]
    return cut, region


def _tissues_in(phantom: Phantom, cut: Slice) -> set[str]:
    seen = np.unique(winning_region(cut.distance_m[:, ::4, ::4]))
    return {phantom.tissues.names[phantom.region_tissue[i]] for i in seen}


def _map(phantom: Phantom, frame: Frame, region: np.ndarray) -> Image.Image:
    names = [phantom.tissues.names[i] for i in phantom.region_tissue]
    colours = np.array([tissue_colour(name) for name in names], np.uint8)
    picture = colours[region.T]
    picture[_edges(region).T] = (70, 70, 70)
    image = Image.fromarray(picture)
    _write_labels(phantom, frame, image, is_line_art=False)
    return image


def _outlines(phantom: Phantom, frame: Frame, cut: Slice, region: np.ndarray) -> Image.Image:
    picture = np.full((*region.T.shape, 3), 255, np.uint8)
    tissue = [find_tissue(phantom.tissues.names[i]) for i in phantom.region_tissue]
    skeletal = np.array([t.skeletal for t in tissue])
    picture[skeletal[region].T] = (232, 226, 212)
    edge = _edges(region)
    edge |= np.roll(edge, 1, axis=0)
    picture[edge.T] = INK
    image = Image.fromarray(picture)
    _draw_fibres(phantom, frame, cut, region, image)
    _draw_wires(frame, cut, image)
    _write_labels(phantom, frame, image, is_line_art=True)
    return image


def _edges(region: np.ndarray) -> np.ndarray:
    edge = np.zeros(region.shape, np.bool_)
    edge[:-1] |= region[1:] != region[:-1]
    edge[:, :-1] |= region[:, 1:] != region[:, :-1]
    return edge


def _draw_fibres(
    phantom: Phantom, frame: Frame, cut: Slice, region: np.ndarray, image: Image.Image
) -> None:
    """Strokes as long as the part of the fibres' direction that lies in the plane; dots where
    they come out of it."""
    pen = ImageDraw.Draw(image)
    tissue = [find_tissue(phantom.tissues.names[i]) for i in phantom.region_tissue]
    is_fibrous = [t.fibrous_per_cm_sr > 0 or t.septum_spacing_mm > 0 for t in tissue]
    step = max(4, round(STROKES_MM * 1e-3 / cut.dx_m))
    half = STROKE_MM * 1e-3 / cut.dx_m / 2
    first = round(frame.top_m / cut.dz_m)
    n_x, n_cut = cut.distance_m.shape[1:]
    for i in range(step // 2, n_x - 1, step):
        for k in range(step // 2, region.shape[1] - 1, step):
            j = k + first
            if not (1 <= j < n_cut - 1 and is_fibrous[region[i, k]]):
                continue
            along = cut.along_m[phantom.region_frame[region[i, k]]]
            ax = float(along[i + 1, j] - along[i - 1, j]) / (2 * cut.dx_m)
            az = float(along[i, j + 1] - along[i, j - 1]) / (2 * cut.dz_m)
            length = math.hypot(ax, az)
            ax, az = (ax / length, az / length) if length > 1 else (ax, az)
            if length < 0.2:
                pen.ellipse((i - 2, k - 2, i + 2, k + 2), fill=(0, 114, 178))
            else:
                ends = (i - half * ax, k - half * az, i + half * ax, k + half * az)
                pen.line(ends, fill=(0, 114, 178), width=2)


def _draw_wires(frame: Frame, cut: Slice, image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    for x_m, z_m in zip(cut.point_x_m, cut.point_z_m, strict=True):
        x = (float(x_m) - frame.left_m) / cut.dx_m
        z = (float(z_m) - frame.top_m) / cut.dz_m
        pen.line((x - 5, z, x + 5, z), fill=INK, width=2)
        pen.line((x, z - 5, x, z + 5), fill=INK, width=2)


def _write_labels(phantom: Phantom, frame: Frame, image: Image.Image, *, is_line_art: bool) -> None:
    """Labels of what is in or near the plane, each moved down past those before it."""
    pen, font = ImageDraw.Draw(image), _font(26)
    view = phantom.view(
        frame.pose, half_face_m=frame.probe.footprint_m / 2,
        wide_m=max(abs(frame.left_m), frame.right_m), deepest_m=frame.bottom_m,
    )  # fmt: skip
    taken: list[tuple[float, float, float, float]] = []
    for label in phantom.labels.values():
        y = None if label.y_mm is None else np.array([label.y_mm * 1e-3])
        x, z = view.seen_at(np.array([label.x_mm * 1e-3]), np.array([label.z_mm * 1e-3]), y)
        px = (float(x[0]) - frame.left_m) / (frame.right_m - frame.left_m) * image.width
        pz = (float(z[0]) - frame.top_m) / (frame.bottom_m - frame.top_m) * image.height
        if not (0 <= px < image.width and 0 <= pz < image.height):
            continue
        left, top, right, bottom = pen.textbbox((px, pz), label.text, font, anchor="mm")
        off = max(0.0, 4 - left) - max(0.0, right - image.width + 4)
        box = left + off - 4, top - 3, right + off + 4, bottom + 3
        while any(_overlap(box, other) for other in taken) and box[3] + 8 < image.height:
            box = box[0], box[1] + 8, box[2], box[3] + 8
        taken.append(box)
        middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        under = image.getpixel((int(px), int(pz)))
        dark = not is_line_art and isinstance(under, tuple) and not is_light(under[:3])
        ink, halo = (PAPER, INK) if dark else (INK, PAPER)
        if abs(middle[1] - pz) > 30:
            pen.line((px, pz, *middle), fill=ink, width=2)
        pen.text(middle, label.text, ink, font, anchor="mm", stroke_width=4, stroke_fill=halo)


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _scale(pen: ImageDraw.ImageDraw, frame: Frame, left: int, top: int, height: int) -> None:
    """A frame round the panel, and depth in mm beside it."""
    pen.rectangle((left - 1, top - 1, left + PANEL, top + height), outline=(90, 90, 90))
    per_mm = height / (frame.bottom_m - frame.top_m) / 1e3
    step = 5 if (frame.bottom_m - frame.top_m) < 0.05 else 10
    first = math.ceil(frame.top_m * 1e3 / step) * step
    for depth in range(max(first, 0), math.ceil(frame.bottom_m * 1e3), step):
        at = top + (depth - frame.top_m * 1e3) * per_mm
        pen.line((left - 7, at, left - 1, at), fill=(90, 90, 90), width=2)
        pen.text((left - 10, at), str(depth), INK, _font(13), anchor="rm")
    pen.text((left - 10, top + height - 2), "mm", INK, _font(13), anchor="rb")


def _legend(
    pen: ImageDraw.ImageDraw, tissues: list[str], left: int, top: int, n_across: int
) -> None:
    for i, name in enumerate(tissues):
        x, y = left + (i % n_across) * 250, top + (i // n_across) * 24
        pen.rectangle((x, y, x + 26, y + 16), fill=tissue_colour(name), outline=(70, 70, 70))
        pen.text((x + 34, y + 8), shown_name(name), INK, _font(16), anchor="lm")

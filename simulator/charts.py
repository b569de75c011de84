"""Small line charts as SVG, and grey pictures side by side as PNG: the figures of reports.

No plotting library: a report must not need more than the program does.
"""

import io
import math
from collections.abc import Sequence
from html import escape

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from physics.validation.check import Curve, Figure, Panel, Pictures

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Safe for the colour-blind (Okabe and Ito)."""
PALE = ("#9cc9e6", "#f5c39c", "#9adcc6", "#ecc9db")
PLOT_W, PLOT_H = 300, 200
LEFT, TOP, GAP, BELOW = 52, 26, 18, 50
LEGEND_H = 16
PICTURE_H = 380
FONT = 'font-family="sans-serif" font-size="11"'


def draw(figure: Figure) -> tuple[str, bytes]:
    """File name and contents of a figure."""
    if isinstance(figure.panels, Pictures):
        return f"{figure.name}.png", side_by_side(figure.panels)
    return f"{figure.name}.svg", chart(figure.panels).encode("utf-8")


def ticks(low: float, high: float, wanted: int = 5) -> np.ndarray:
    """Round numbers between two ends, about as many as wanted."""
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    return np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1) * step


def chart(panels: Sequence[Panel]) -> str:
    """Panels in a row, each with a legend below it, as SVG."""
    n_row = max(len(panel.curves) for panel in panels)
    cell = LEFT + PLOT_W + GAP
    width, height = cell * len(panels), TOP + PLOT_H + BELOW + n_row * LEGEND_H + 4
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" {FONT}>',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for i, panel in enumerate(panels):
        parts += [f'<g transform="translate({i * cell + LEFT} {TOP})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _ends(values: Sequence[np.ndarray]) -> tuple[float, float]:
    every = np.concatenate([np.asarray(v, float) for v in values])
    every = every[np.isfinite(every)]
    low, high = float(every.min()), float(every.max())
    margin = 0.05 * (high - low) or 0.5
    return low - margin, high + margin


def _panel(panel: Panel) -> list[str]:
    x = _ends([curve.x for curve in panel.curves])
    y = panel.y_range or _ends([curve.y for curve in panel.curves])

    def place(px: np.ndarray, py: np.ndarray) -> list[tuple[float, float]]:
        across = (np.asarray(px, float) - x[0]) / (x[1] - x[0]) * PLOT_W
        down = (y[1] - np.asarray(py, float)) / (y[1] - y[0]) * PLOT_H
        return [(float(a), float(b)) for a, b in zip(across, np.clip(down, 0, PLOT_H), strict=True)]

    parts = [
        f'<text x="{PLOT_W / 2}" y="-9" text-anchor="middle" font-weight="bold">'
        f"{escape(panel.title)}</text>",
        f'<text x="{PLOT_W / 2}" y="{PLOT_H + 32}" text-anchor="middle">{escape(panel.x_label)}'
        "</text>",
        f'<text transform="translate(-40 {PLOT_H / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(panel.y_label)}</text>",
    ]
    for value in ticks(*x):
        ((at, _),) = place(np.array([value]), np.array([y[0]]))
        parts += [
            f'<path d="M{at:.1f} 0V{PLOT_H}" stroke="#e4e4e4"/>',
            f'<text x="{at:.1f}" y="{PLOT_H + 15}" text-anchor="middle">{value:.6g}</text>',
        ]
    for value in ticks(*y):
        ((_, at),) = place(np.array([x[0]]), np.array([value]))
        parts += [
            f'<path d="M0 {at:.1f}H{PLOT_W}" stroke="#e4e4e4"/>',
            f'<text x="-6" y="{at + 4:.1f}" text-anchor="end">{value:.6g}</text>',
        ]
    parts.append(f'<rect width="{PLOT_W}" height="{PLOT_H}" fill="none" stroke="#555"/>')
    for curve in sorted(panel.curves, key=lambda curve: curve.measured):
        parts += _curve(curve, place(curve.x, curve.y))
    for row, curve in enumerate(panel.curves):
        at = PLOT_H + BELOW + row * LEGEND_H + 4
        parts += _curve(curve, [(2.0, at - 4.0), (22.0, at - 4.0)])
        parts.append(f'<text x="30" y="{at}">{escape(curve.label)}</text>')
    return parts


def _curve(curve: Curve, points: list[tuple[float, float]]) -> list[str]:
    """Expected: a thick pale line; measured: dots, or a thin line."""
    colour = COLOURS[curve.colour % len(COLOURS)]
    if curve.measured and not curve.solid:
        return [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.2" fill="{colour}"/>' for a, b in points]
    path = "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
    width = 1 if curve.measured else 4
    shade = colour if curve.measured else PALE[curve.colour % len(PALE)]
    return [
        f'<path d="{path}" fill="none" stroke="{shade}" stroke-width="{width}" '
        'stroke-linejoin="round"/>'
    ]


def side_by_side(pictures: Pictures) -> bytes:
    """Pictures in a row with their captions above them, as PNG."""
    width = round(PICTURE_H * pictures.width_over_height)
    cell, caption_h = max(width, 170) + GAP, 24
    sheet = Image.new("L", (cell * len(pictures.panels), PICTURE_H + caption_h), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for i, (caption, grey) in enumerate(pictures.panels):
        scaled = Image.fromarray(grey).resize((width, PICTURE_H), Image.Resampling.BILINEAR)
        sheet.paste(scaled, (i * cell, caption_h))
        pen.text((i * cell, 5), caption, fill=0, font=font)
    file = io.BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()

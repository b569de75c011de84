"""Options of `insonate scatterers`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator import number_range

MAX_LINES, MAX_SAMPLES, MAX_DEPTH_MM = 4096, 200_000, 300.0


def add_scatterers(commands: Any, add_set: Callable[[Any], None]) -> Any:
    """Add the command and return its parser; `add_set` gives it `--set`."""
    points = commands.add_parser(
        "scatterers", help="image a list of point scatterers", allow_abbrev=False
    )
    points.add_argument(
        "--points",
        type=Path,
        required=True,
        metavar="NPZ",
        help="arrays x_m, z_m, amplitude and, if wanted, y_m",
    )
    points.add_argument("--probe", required=True, metavar="NAME")
    add_set(points)
    lines = points.add_mutually_exclusive_group(required=True)
    read_lines = number_range.spaced(MAX_LINES)
    lines.add_argument("--line-x-mm", type=read_lines, metavar="START:STOP:STEP")
    lines.add_argument(
        "--line-deg", type=read_lines, metavar="START:STOP:STEP", help="on a convex probe"
    )
    points.add_argument(
        "--depth-mm",
        type=number_range.spaced(MAX_SAMPLES, largest=MAX_DEPTH_MM),
        required=True,
        metavar="START:STOP:STEP",
        help="samples along each line",
    )
    points.add_argument(
        "--attenuation-db-cm-mhz",
        type=number_range.between(0, 10),
        default=0.0,
        metavar="A",
        help="one-way loss (default 0)",
    )
    points.add_argument(
        "--planar", action="store_true", help="two dimensions only: no elevation lens"
    )
    points.add_argument("--out", type=Path, required=True, metavar="NPZ")
    return points

"""What `insonate phantom` can be asked: apart from who answers, so that others start quickly."""

import argparse
from pathlib import Path
from typing import Any

PICTURES = ("preview", "atlas")
"""Actions that need the engine."""


def add_phantom(commands: Any) -> list[argparse.ArgumentParser]:
    """The command and its options; the parsers of its actions."""
    phantom = commands.add_parser("phantom", help="for authors of phantoms", allow_abbrev=False)
    actions = phantom.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser(
        "check", help="say everything that is wrong with phantom files", allow_abbrev=False
    )
    check.add_argument(
        "files", nargs="*", metavar="FILE", help="files, or names of phantoms (default: all)"
    )
    preview = actions.add_parser(
        "preview", help="draw a phantom's views: true section, tissues, B-mode", allow_abbrev=False
    )
    preview.add_argument("phantom", metavar="NAME", help="a phantom's name, or its file")
    preview.add_argument("--out", type=Path, required=True, metavar="FILE", help=".png or .jpg")
    atlas = actions.add_parser(
        "atlas", help="a page and a sheet of pictures for every phantom", allow_abbrev=False
    )
    atlas.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    take = actions.add_parser(
        "import", help="make a phantom of a volume of labels (NIfTI)", allow_abbrev=False
    )
    take.add_argument("volume", type=Path, metavar="LABELS", help=".nii or .nii.gz")
    take.add_argument(
        "--tissues", type=Path, required=True, metavar="MAP", help="what the labels are (.toml)"
    )
    take.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="the phantom (default: beside the volume, of its name)",
    )
    return [check, preview, atlas, take]

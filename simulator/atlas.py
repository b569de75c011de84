"""The atlas: a page with every phantom of the library, and a contact sheet of each."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from phantoms import BLOCK, Phantom, load_phantom, phantom_headings
from phantoms.catalogue import OPENED, find_file
from phantoms.phantom import DEEPEST_M
from simulator.contact_sheet import as_jpeg, contact_sheet
from simulator.renderer import Renderer
from simulator.tissue_colours import shown_name

PAGE, FIGURES = "atlas.md", "atlas"
STEP_M = 1e-5
INTRODUCTION = """# Atlas of phantoms

Every phantom of the library: what to look for in each view, the true section beside what the
machine shows, and the layers under the middle of the probe as they are in the body, to 0.01 mm,
before any sound has been sent. Made by `insonate phantom atlas --out docs`; do not edit it by hand.
"""


def write_atlas(folder: Path, renderer: Renderer) -> list[str]:
    """The page and its sheets in a new folder; names of the phantoms."""
    (folder / FIGURES).mkdir()
    names = [heading.name for heading in phantom_headings() if heading.group != OPENED]
    for name in names:
        sheet = contact_sheet(load_phantom(name), renderer)
        (folder / FIGURES / f"{name}.jpg").write_bytes(as_jpeg(sheet))
        print(f"{name}: done", flush=True)
    (folder / PAGE).write_text(page(names), encoding="utf-8")
    return names


def page(names: Iterable[str]) -> str:
    """The page in Markdown."""
    parts, group = [INTRODUCTION], None
    for name in names:
        phantom = load_phantom(name)
        if (phantom.region_of_body or BLOCK) != group:
            group = phantom.region_of_body or BLOCK
            parts.append(f"## {'Blocks' if group == BLOCK else group.capitalize()}\n")
        parts.append(entry(phantom))
    return "\n".join(parts)


def entry(phantom: Phantom) -> str:
    """What the page says of one phantom."""
    kind = f", a variant of `{phantom.variant_of}`" if phantom.variant_of else ""
    lines = [f"### {phantom.title}", "", f"`{phantom.name}`{kind}. {phantom.summary}", ""]
    if phantom.teaches:
        lines += [f"Teaches: {', '.join(t.replace('_', ' ') for t in phantom.teaches)}.", ""]
    lines += [f"- **{v.title}** (`{v.name}`): {v.look_for}" for v in phantom.views.values()]
    picture = f"{FIGURES}/{phantom.name}.jpg"
    lines += [""] if phantom.views else []
    lines.append(f"![{phantom.title}: true section, tissues and B-mode]({picture})")
    lines += ["", "| Layer | Tissue | From, mm | To, mm |", "|---|---|---|---|"]
    for region, tissue, top, bottom in layers(phantom):
        lines.append(f"| {region} | {tissue} | {top:.2f} | {bottom:.2f} |")
    comment = head_comment(find_file(phantom.name).read_text(encoding="utf-8"))
    if comment:
        lines += ["", "<details><summary>Sources and choices, from the file</summary>", ""]
        lines += [comment, "", "</details>"]
    return "\n".join([*lines, ""])


def layers(phantom: Phantom) -> Sequence[tuple[str, str, float, float]]:
    """Region, tissue, top and bottom (mm) of what lies straight below the middle of the probe where
    the phantom is opened."""
    pose = phantom.start_pose
    z = np.arange(STEP_M / 2, DEEPEST_M, STEP_M)
    found = phantom.region_at(np.array(pose.slide_m), z, pose.slide_y_m)
    starts = np.flatnonzero(np.diff(found, prepend=-1))
    ends = np.append(starts[1:], len(z))
    rows = []
    for start, end in zip(starts, ends, strict=True):
        region = int(found[start])
        tissue = shown_name(phantom.tissues.names[phantom.region_tissue[region]])
        name = phantom.region_names[region].replace("_", " ")
        rows.append((name, tissue, start * STEP_M * 1e3, end * STEP_M * 1e3))
    return rows


def head_comment(text: str) -> str:
    """The comment at the top of a file, as one paragraph that Markdown leaves as it is."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("#").strip())
    paragraph = " ".join(lines).strip()
    return paragraph.translate({ord(c): f"\\{c}" for c in "\\`*_<>[]|"})

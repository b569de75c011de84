"""Makes or renews the list of texts to translate, and compiles the translations there are.

    python tools/make_translation.py de      renews simulator/translations/insonate_de.ts
    python tools/make_translation.py         compiles all .ts files there to .qm

A .ts file is filled in with Qt Linguist (`pyside6-linguist`). Texts come from the source of
`simulator` and from the tables that the window reads: knobs, presets, probes, stages.
"""

import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "simulator"


def tool(name: str) -> str:
    """Path of a program that PySide6 brought."""
    return str(Path(sysconfig.get_path("scripts")) / name)


def data_texts() -> list[tuple[str, str]]:
    """Context and text of all that the window shows from tables."""
    from phantoms import load_phantom, phantom_names
    from phantoms.presets import load_presets
    from phantoms.tissue import load_tissues
    from physics.probe import load_probes
    from physics.settings import KNOBS
    from simulator.faults import FAULTS
    from simulator.views.stage_strip import GROUPS
    from simulator.views.tissue_kinds import KINDS, OTHER, plain_name
    from simulator.words import MOVES

    texts = []
    for knob in KNOBS.values():
        parts = (knob.label, knob.meaning, knob.cost, *knob.choices, *knob.also)
        texts += [("Knob", part) for part in parts]
    for preset in load_presets().values():
        texts += [("Preset", preset.title), ("Preset", preset.summary)]
    texts += [("Probe", probe.title) for probe in load_probes().values()]
    texts += [("Stage", text) for group in GROUPS for text in (group.label, group.what) if text]
    texts += [("Move", name) for terms in MOVES.values() for name in terms.values()]
    phantoms = (load_phantom(name) for name in phantom_names())
    texts += [("Side", word) for phantom in phantoms for word in phantom.sides.values()]
    texts += [("Keys", modifier) for modifier in ("Shift", "Ctrl")]
    texts += [("Tissue", kind.label) for kind in (*KINDS, OTHER)]
    texts += [("Tissue", plain_name(name)) for name in load_tissues()]
    texts += [("Fault", text) for fault in FAULTS.values() for text in (fault.label, fault.signs)]
    return list(dict.fromkeys(texts))


def write_ts(path: Path, texts: Iterable[tuple[str, str]] | None = None) -> None:
    """Make a .ts file, or bring it up to date; what is translated in it stays."""
    with tempfile.TemporaryDirectory(prefix="insonate-") as folder:
        data = Path(folder) / "tables.py"
        lines = [f"translate({c!r}, {t!r})" for c, t in (data_texts() if texts is None else texts)]
        data.write_text("\n".join(lines) + "\n", encoding="utf-8")
        files = [str(file) for file in sorted(SOURCES.rglob("*.py"))]
        path.parent.mkdir(parents=True, exist_ok=True)
        options = ["-silent", "-locations", "none", "-no-obsolete"]
        command = [tool("pyside6-lupdate"), *options, *files, str(data), "-ts", str(path)]
        subprocess.run(command, check=True)


def compile_ts(path: Path) -> Path:
    """Compile one .ts file to the .qm file beside it."""
    compiled = path.with_suffix(".qm")
    command = [tool("pyside6-lrelease"), "-silent", str(path), "-qm", str(compiled)]
    subprocess.run(command, check=True)
    return compiled


def main(arguments: list[str]) -> int:
    """Do what the command line asks for."""
    sys.path.insert(0, str(ROOT))
    folder = SOURCES / "translations"
    for language in arguments:
        write_ts(folder / f"insonate_{language}.ts")
        print(f"simulator/translations/insonate_{language}.ts is up to date")
    for path in sorted(folder.glob("*.ts")):
        compile_ts(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

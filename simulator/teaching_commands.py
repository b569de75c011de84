"""`insonate osce`, `insonate pack`, and who answers `questions` and `progress`."""

import argparse
import os
import secrets
import shutil
from pathlib import Path

from lessons.packs import SUFFIX, Pack, read_pack, write_pack
from lessons.station_sheet import sheet_html
from lessons.stations import load_station, station_names
from phantoms.checked import read_bytes
from simulator.errors import UserError, say, users_fault
from simulator.osce_print import sheet_pdf
from simulator.output_file import OutputFiles
from simulator.scene_file import SUFFIX as SCENE_SUFFIX
from simulator.scene_file import parse_scene, read_scene


def run(args: argparse.Namespace) -> int:
    """Do what the command asks; the exit status."""
    if args.command == "osce":
        return osce(args.name, args.out, args.code)
    if args.command == "progress":
        from simulator.progress_commands import progress

        return progress(args)
    if args.command == "questions":
        from simulator.questions_command import questions

        return questions(args)
    if args.action == "make":
        return make_pack(args)
    if args.action == "check":
        return check_pack(args.file)
    return open_pack(args.file, args.out)


def osce(name: str | None, out: Path | None, code: str) -> int:
    """List the stations, or write the empty sheet of one."""
    if name is None:
        if out is not None:
            raise UserError("--out needs the name of a station before it")
        for each in station_names():
            print(f"{each}  {load_station(each).title}")
        return 0
    with users_fault():
        station = load_station(name)
    if out is None:
        raise UserError(f"say where the sheet of '{name}' goes: --out FILE.pdf or FILE.html")
    suffix = ".html" if out.suffix.lower() == ".html" else ".pdf"
    with OutputFiles((out, suffix)) as files:
        html = sheet_html(station, student_code=code)
        content = html.encode() if suffix == ".html" else sheet_pdf(html, station.title)
        files.put(0, content)
    return 0


def make_pack(args: argparse.Namespace) -> int:
    """Write a class pack of the files named."""
    files: dict[str, bytes] = {}
    with users_fault():
        for path in args.scene:
            read_scene(path)
            _add(files, "scenes", path, SCENE_SUFFIX)
        for path in args.items:
            _add(files, "items", path, ".toml")
    with OutputFiles((args.out, SUFFIX)) as output, users_fault():
        found: list[Pack] = []
        output.write(
            0,
            lambda file: found.append(
                write_pack(file, args.title, args.author, files, check_scene)
            ),
        )
    _tell(found[0])
    return 0


def check_pack(path: Path) -> int:
    """Say what is in a pack, and what is badly worded; 2 if anything is."""
    with users_fault():
        pack = read_pack(path, check_scene)
    _tell(pack)
    return 2 if pack.faults else 0


def open_pack(path: Path, folder: Path) -> int:
    """Put the scenes of a pack into a new folder, all or none."""
    with users_fault():
        pack = read_pack(path, check_scene)
    if os.path.lexists(folder):
        raise UserError(f"'{folder}' is there already; name a folder that is not")
    part = folder.with_name(f".insonate-{secrets.token_hex(6)}.part")
    try:
        part.mkdir()
        for name, content in pack.scenes.items():
            (part / f"{name}{SCENE_SUFFIX}").write_bytes(content)
        part.rename(folder)
    except OSError as error:
        raise UserError(f"cannot write '{folder}': {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _tell(pack)
    for name in pack.scenes:
        print(f"insonate --scene '{folder / (name + SCENE_SUFFIX)}'")
    return 0


def check_scene(content: bytes, name: str) -> None:
    """ContentError for what is no scene of Insonate."""
    parse_scene(content, name)


def _add(files: dict[str, bytes], folder: str, path: Path, suffix: str) -> None:
    if path.suffix != suffix:
        raise UserError(f"'{path}' must have a name that ends in {suffix}")
    name = f"{folder}/{path.name}"
    if name in files:
        raise UserError(f"two files are called '{path.name}'; names in a pack must differ")
    files[name] = read_bytes(path)


def _tell(pack: Pack) -> None:
    print(pack.summary())
    for fault in pack.faults:
        say(fault)

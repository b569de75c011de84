"""Lesson folders -> `Lesson`: reads the files; `lessons.build` checks what is in them.

A lesson is a folder `NN_topic` with two files: `lesson.toml` (what is asked, measured and
judged) and `text.md` (what is read; one section `# step_id` for every step).
"""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from lessons.build import build_lesson
from lessons.lesson import Lesson
from phantoms.checked import ContentError, parse_toml
from physics.probe import UnknownNameError

MAX_BYTES = 64_000
"""Largest lesson.toml or text.md that is read; a long lesson has about 10 000."""


@cache
def load_lessons() -> dict[str, Lesson]:
    """Every lesson that comes with the program by name, in teaching order."""
    lessons: dict[str, Lesson] = {}
    for folder in lesson_folders(resources.files("lessons").joinpath("content")):
        lesson = load_lesson_folder(folder, shown_as=f"lessons/content/{folder.name}")
        if lesson.name in lessons:
            file = f"lessons/content/{folder.name}/lesson.toml"
            raise ContentError(
                f"{file}: name: found '{lesson.name}', which another lesson has already"
            )
        lessons[lesson.name] = lesson
    return lessons


def lesson_folders(content: Traversable) -> list[Traversable]:
    """The folders in `content` that hold a lesson each, in teaching order."""
    folders = sorted(content.iterdir(), key=lambda entry: entry.name)
    return [f for f in folders if f.is_dir() and not f.name.startswith(("_", "."))]


def lesson_names() -> tuple[str, ...]:
    """Names of all lessons, in teaching order."""
    return tuple(load_lessons())


def load_lesson(name: str) -> Lesson:
    """The lesson of this name; UnknownNameError (a ValueError) if there is none."""
    lessons = load_lessons()
    if name not in lessons:
        raise UnknownNameError("lesson", name, list(lessons))
    return lessons[name]


def load_lesson_folder(folder: Traversable, shown_as: str = "") -> Lesson:
    """The lesson in one folder; ContentError if anything in it is wrong.

    shown_as : how messages call the folder (default: its path).
    """
    shown_as = shown_as or str(folder)
    toml_file, text_file = f"{shown_as}/lesson.toml", f"{shown_as}/text.md"
    content = parse_toml(read_file(folder.joinpath("lesson.toml"), toml_file), toml_file)
    markdown = _as_text(read_file(folder.joinpath("text.md"), text_file), text_file)
    sections = split_sections(markdown, text_file)
    return build_lesson(content, sections, toml_file=toml_file, text_file=text_file)


def split_sections(markdown: str, file: str) -> dict[str, str]:
    """Sections of text.md by the name in their `# name` heading, without the heading."""
    sections: dict[str, list[str]] = {}
    here: list[str] | None = None
    for number, line in enumerate(markdown.splitlines(), 1):
        if line.startswith("# "):
            name = line[2:].strip()
            if name in sections:
                raise ContentError(f"{file}: line {number}: a second section '{name}'")
            here = sections[name] = []
        elif here is not None:
            here.append(line)
        elif line.strip():
            raise ContentError(f"{file}: line {number}: text before the first '# step' heading")
    return {name: "\n".join(lines).strip() for name, lines in sections.items()}


def read_file(file: Traversable, name: str) -> bytes:
    """The bytes of a short file that messages call `name`; ContentError if it cannot be read."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ContentError(f"{name}: cannot be read ({error.strerror})") from None
    if len(data) > MAX_BYTES:
        raise ContentError(f"{name}: is longer than the {MAX_BYTES} bytes allowed")
    return data


def _as_text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContentError(f"{name}: byte {error.start} is not UTF-8 text") from None

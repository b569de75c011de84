"""What the files of a lesson say -> `Lesson`, every entry checked and converted to SI."""

from typing import Any

from lessons import schema
from lessons.build_parts import FIGURE, Parts, Path, links_in
from lessons.lesson import (
    FadedStep,
    Figure,
    Lesson,
    QuestionStep,
    ReadStep,
    Scene,
    SourcesStep,
    Step,
    TaskStep,
    WorkedStep,
)
from phantoms.checked import check, nearest, unknown


def build_lesson(
    content: dict[str, Any], sections: dict[str, str], *, toml_file: str, text_file: str
) -> Lesson:
    """The lesson that the contents of lesson.toml and the sections of text.md describe.

    toml_file, text_file : what messages call the files.
    Raises ContentError for the first thing that is wrong; it may know of more
    (`phantoms.checked.faults_of`).
    """
    return _Builder(content, sections, toml_file, text_file).lesson()


class _Builder(Parts):
    def __init__(
        self, content: dict[str, Any], sections: dict[str, str], toml_file: str, text_file: str
    ) -> None:
        super().__init__(content, toml_file)
        self.sections, self.text_file = sections, text_file
        self.file = file = check(schema.LessonFile, content, toml_file)
        self.phantom = self.load_phantom(file.phantom)
        base, self.probe = self.first_scene(self.phantom, None, file.probe)
        self.start = self._scene(("start",), file.start, base)
        self.no_name_twice("step", file.step)
        self.no_name_twice("figure", file.figure)
        self._match_sections()
        self.take_targets(file)

    def lesson(self) -> Lesson:
        file = self.file
        figures = self.each("figure", file.figure, self._figure)
        steps = self.each("step", file.step, self._step)
        self._match_figures()
        self.raise_faults()
        return Lesson(
            name=file.name,
            title=file.title,
            summary=file.summary,
            phantom=file.phantom,
            probe=file.probe,
            start=self.start,
            readings=tuple(self.readings.values()),
            steps=tuple(steps),
            outcomes=tuple(file.outcomes),
            sources=tuple(file.sources),
            figures={figure.name: figure for figure in figures},
        )

    def _scene(self, path: Path, entry: schema.SceneEntry, base: Scene) -> Scene:
        return self.scene(path, entry, base, self.phantom, self.probe)

    def _step(self, path: Path, entry: schema.StepEntry) -> Step:
        if isinstance(entry, schema.SourcesStepEntry):
            if not self.file.sources:
                raise self.error(path, "needs the lesson's 'sources', of which there are none")
            text = "\n".join(f"- {source}" for source in self.file.sources)
            return SourcesStep(entry.name, entry.title, text)
        start = entry.start and self._scene((*path, "start"), entry.start, self.start)
        common: dict[str, Any] = {
            "name": entry.name,
            "title": entry.title,
            "text": self.sections[entry.name],
            "shows": tuple(
                self.reading_called((*path, "shows", i), name) for i, name in enumerate(entry.shows)
            ),
            "start": start,
        }
        if isinstance(entry, schema.ReadStepEntry):
            return ReadStep(**common)
        if isinstance(entry, schema.QuestionStepEntry):
            ask, choices = self.question(path, entry)
            return QuestionStep(**common, ask=ask, choices=choices, item=entry.item)
        if isinstance(entry, schema.WorkedStepEntry):
            common["start"] = start or self.start
            moves = self.moves((*path, "moves"), entry.moves, common["start"])
            return WorkedStep(**common, moves=moves)
        common |= {
            "ask": entry.ask,
            "goals": tuple(
                self.goal((*path, "goals", i), goal) for i, goal in enumerate(entry.goals)
            ),
            "hint": entry.hint,
            "reason": entry.reason,
        }
        if isinstance(entry, schema.TaskStepEntry):
            solution = self._scene((*path, "solution"), entry.solution, start or self.start)
            return TaskStep(**common, solution=solution)
        common["start"] = start or self.start
        moves = self.moves((*path, "moves"), entry.moves, common["start"])
        if entry.left_to_you >= len(moves):
            raise self.error(
                (*path, "left_to_you"),
                f"found {entry.left_to_you} of {len(moves)} moves; at least one must be shown",
            )
        shown = moves[: -entry.left_to_you]
        return FadedStep(**common, solution=moves[-1].scene, moves=shown)

    def _figure(self, path: Path, entry: schema.FigureEntry) -> Figure:
        phantom, base, probe = self.phantom, self.start, self.probe
        if entry.phantom is not None or entry.view is not None or entry.probe is not None:
            phantom = self.load_phantom(entry.phantom or self.file.phantom, (*path, "phantom"))
            base, probe = self.first_scene(phantom, entry.view, entry.probe, path)
        crop = None
        if entry.crop_mm is not None:
            left, right = self.ordered((*path, "crop_mm"), entry.crop_mm[:2])
            top, bottom = self.ordered((*path, "crop_mm"), entry.crop_mm[2:])
            crop = (left * 1e-3, right * 1e-3, top * 1e-3, bottom * 1e-3)
        scene = self.scene(path, entry, base, phantom, probe)
        return Figure(entry.name, phantom.name, probe.name, scene, crop)

    def _match_sections(self) -> None:
        """Every step but the sources has a section of text, every section a step."""
        names = [e.name for e in self.file.step if not isinstance(e, schema.SourcesStepEntry)]
        for name in self.sections:
            if name not in names:
                self.faults.append(f"{self.text_file}: {unknown('step', name, names)}")
        for name in names:
            if not self.sections.get(name):
                self.faults.append(f"{self.text_file}: section '# {name}' is missing or empty")
        self.raise_faults()

    def _match_figures(self) -> None:
        """Every figure in the text is described, and every one described is in the text."""
        names, used = [entry.name for entry in self.file.figure], set()
        for section, text in self.sections.items():
            for target in links_in(text):
                name = target.removeprefix(FIGURE)
                used.add(name)
                where = f"{self.text_file}: section '# {section}'"
                if not target.startswith(FIGURE):
                    self.faults.append(
                        f"{where}: found a link to '{target}'; the program works offline, and only "
                        f"'{FIGURE}NAME' is allowed"
                    )
                elif name not in names:
                    self.faults.append(f"{where}: {unknown('figure', name, names)}")
        for i, name in enumerate(names):
            if name not in used:
                error = self.error(
                    ("figure", i),
                    f"is in no text; write ![caption]({FIGURE}{name}) in {self.text_file}"
                    + nearest(name, used),
                )
                self.faults.append(str(error))

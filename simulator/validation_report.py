"""The proof as one Markdown file with figures: what `insonate validate` writes."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from phantoms import validation as tissue
from physics.validation import (
    beams,
    bounces,
    compounding,
    harmonic,
    output,
    pulse,
    refraction,
    scenes_report,
    shadows,
    simus_report,
    speckle,
    surfaces,
)
from physics.validation.check import Check, Section
from simulator.charts import draw

PAGE = "validation.md"
FIGURES = "validation"
"""Folder of the figures, beside the page."""
LEFT_OUT = (
    "The comparison with SIMUS was left out: its data (26 files computed with PyMUST) are no part "
    "of the program; ask the project for them and name their folder with `--reference`."
)
MET, SHORT, FAILED = "met", "🔴 **falls short**", "❌ **FAILS**"

Measure = Callable[[bool], Section]
"""Measures one section; of a few things only, if asked to be quick."""


def sections(reference: Path | None) -> list[Measure]:
    """What is measured, in the order of the report. `reference`: folder of the peer's data."""
    closed: list[Measure] = [
        beams.section, pulse.section, speckle.section, surfaces.section, tissue.section,
        refraction.section, shadows.section, bounces.section, harmonic.section,
        compounding.section, output.section, scenes_report.section,
    ]  # fmt: skip
    if reference is None:
        return closed
    peer = (
        simus_report.points_section, simus_report.fields_section, simus_report.speckle_section,
    )  # fmt: skip
    return [*closed, *(partial(measure, reference) for measure in peer)]


@dataclass(frozen=True)
class Count:
    """How many claims came out how."""

    met: int
    short: int
    failed: int

    def __str__(self) -> str:
        n = self.met + self.short + self.failed
        return (
            f"{n} claims: {self.met} within tolerance, {self.short} short of it as documented, "
            f"{self.failed} failed"
        )


def count(checks: Iterable[Check]) -> Count:
    """Of these checks."""
    every = list(checks)
    met = sum(check.holds for check in every)
    short = sum(check.excused for check in every)
    return Count(met, short, len(every) - met - short)


def failed(found: Iterable[Section]) -> list[Check]:
    """Checks that do not hold and should."""
    return [c for one in found for c in one.checks if not c.holds and not c.excused]


def page(found: Sequence[Section], heading: str, left_out: Sequence[str]) -> str:
    """The whole report as Markdown. `heading` says of what and with what."""
    found = [section for section in found if section.checks]
    every = [check for section in found for check in section.checks]
    notes = _Notes()
    lines = [
        "# Validation", "", heading, "", f"**{count(every)}.**", *left_out, "",
        "Written by `insonate validate`, which measures everything anew. The tests assert the same "
        "checks with the same code (`physics/validation`). A claim that "
        f"{SHORT} is known and documented in docs/model.md; the reason stands below its "
        "table.", "",
        "In the charts thick pale lines are what is expected (closed forms, SIMUS, the full wave) "
        "and dots what the engine does.", "",
        "## Summary", "",
        "The thirty closed-form checks by their numbers, then what has none. *n* measurements of "
        "one claim are shown by that closest to its limit; the sections below have them all.", "",
        *table(summary(every), notes, numbered=True), *notes.lines(),
    ]  # fmt: skip
    for section in found:
        notes = _Notes()
        lines += ["", f"## {section.title}", "", section.text, ""]
        for figure in section.figures:
            name, _ = draw(figure)
            lines += [f"![{figure.name}]({FIGURES}/{name})", "", f"*{figure.caption}*", ""]
        lines += [*table(section.checks, notes, numbered=False), *notes.lines()]
    return "\n".join(lines) + "\n"


def summary(checks: Iterable[Check]) -> list[tuple[Check, int]]:
    """Of each claim the check closest to its limit, and of how many; shortfalls each by itself."""
    groups: dict[tuple[int, str, str], list[Check]] = {}
    for check in checks:
        label = check.group or (check.source if check.number else check.claim)
        groups.setdefault((check.number, label, check.shortfall), []).append(check)
    rows = [(max(group, key=lambda c: c.strain), len(group)) for group in groups.values()]
    return sorted(rows, key=lambda row: row[0].number or math.inf)


def table(
    rows: Iterable[Check | tuple[Check, int]], notes: "_Notes", *, numbered: bool
) -> list[str]:
    """Markdown table of checks, or of (check, how many it stands for)."""
    heads = ["Claim", "Expected", "Measured", "Allowed", "Verdict", "Formula or source"]
    if numbered:
        heads = ["No.", *heads, "n"]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for row in rows:
        check, n = row if isinstance(row, tuple) else (row, 1)
        unit = f" {check.unit}" if check.unit else ""
        expected = "" if math.isnan(check.expected) else number(check.expected) + unit
        verdict = MET if check.holds else f"{SHORT}{notes.mark(check)}" if check.excused else FAILED
        cells = [
            check.claim, expected, number(check.measured) + unit, allowed(check), verdict,
            check.source,
        ]  # fmt: skip
        if numbered:
            cells = [str(check.number or ""), *cells, str(n)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def allowed(check: Check) -> str:
    """The tolerance in words."""
    unit = f" {check.unit}" if check.unit else ""
    if math.isinf(check.low):
        return f"at most {number(check.high)}{unit}"
    if math.isinf(check.high):
        return f"at least {number(check.low)}{unit}"
    if check.tolerance == "range":
        return f"{number(check.low)} to {number(check.high)}{unit}"
    return f"± {check.tolerance}"


def number(value: float) -> str:
    """Four digits; more where that would hide what is left to 1."""
    if 0.9995 <= value < 1.0:
        return f"{value:.6f}"
    return f"{value:.4g}"


class _Notes:
    """Reasons of shortfalls, numbered as they come."""

    def __init__(self) -> None:
        self._reasons: list[str] = []

    def mark(self, check: Check) -> str:
        if check.shortfall not in self._reasons:
            self._reasons.append(check.shortfall)
        return f" ({self._reasons.index(check.shortfall) + 1})"

    def lines(self) -> Iterator[str]:
        for i, reason in enumerate(self._reasons):
            yield ""
            yield f"({i + 1}) {reason[0].upper()}{reason[1:]}."

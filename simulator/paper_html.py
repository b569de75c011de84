"""A paper as one HTML file that prints: style and pictures are in it, nothing is fetched."""

import base64
import csv
import io
from collections.abc import Mapping, Sequence
from html import escape

from lessons.fresh.paper import Paper, Question
from lessons.fresh.scene import Scene

LETTERS = "ABCDE"
_STYLE = """
@page { size: A4; margin: 16mm 16mm 18mm }
body { font: 11pt/1.35 Georgia, 'Times New Roman', serif; color: #000; max-width: 178mm;
  margin: 0 auto }
header { border-bottom: 1.5pt solid #000; margin-bottom: 6mm }
h1 { font-size: 15pt; margin: 0 0 2mm }
.who { display: flex; justify-content: space-between; gap: 6mm; margin: 3mm 0 }
.who span { flex: 1; border-bottom: .5pt solid #000 }
section { break-inside: avoid; margin: 0 0 6mm }
h2 { font-size: 11pt; margin: 0 0 1mm }
p { margin: 0 0 2mm }
figure { display: inline-block; margin: 1mm 3mm 2mm 0; vertical-align: top }
figure img { max-width: 84mm; max-height: 80mm }
figcaption { font-size: 9pt }
ol { list-style: upper-alpha; margin: 0; padding-left: 8mm }
table { border-collapse: collapse; font-size: 8pt }
td, th { border: .5pt solid #000; padding: .6mm 1.2mm; text-align: center }
"""


def paper_html(paper: Paper, pictures: Mapping[Scene, bytes], title: str, code: str) -> str:
    """The paper without its answers; `pictures` has a JPEG for each scene.

    code : what the file and its key have in common.
    """
    parts = [
        _head(f"{title}: student {paper.student}"),
        f"<header><h1>{escape(title)}</h1><p>Paper {paper.student} · {escape(code)} · "
        f"{len(paper.questions)} questions, one right answer each</p>"
        '<div class="who">Name <span></span> Date <span></span> Marks <span></span></div></header>',
    ]
    for number, question in enumerate(paper.questions, 1):
        parts.append(_question_html(number, question, pictures))
    return "\n".join([*parts, "</body></html>\n"])


def _question_html(number: int, question: Question, pictures: Mapping[Scene, bytes]) -> str:
    item, scenes = question.fresh.item, question.fresh.pictures
    lines = [f"<section><h2>{number}.</h2><p>{escape(item.stem)}</p>"]
    for n, scene in enumerate(scenes, 1):
        data = base64.b64encode(pictures[scene]).decode("ascii")
        caption = f"<figcaption>Picture {n}</figcaption>" if len(scenes) > 1 else ""
        lines.append(
            f'<figure><img alt="Ultrasound picture {n} of question {number}" '
            f'src="data:image/jpeg;base64,{data}">{caption}</figure>'
        )
    options = "".join(f"<li>{escape(option.text)}</li>" for option in question.shown.options)
    return "\n".join([*lines, f"<ol>{options}</ol></section>"])


def key_csv(papers: Sequence[Paper]) -> str:
    """One row for each question of each paper: the right letter, and where it comes from."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(
        (
            "student",
            "question",
            "right",
            "answer",
            "outcome",
            "difficulty",
            "item",
            "version",
            "why",
        )
    )
    for paper in papers:
        for number, question in enumerate(paper.questions, 1):
            item = question.fresh.item
            key = item.options[item.key]
            rows.writerow(
                (paper.student, number, question.letter, key.text, item.outcome, item.difficulty,
                 item.id, question.fresh.version, key.explanation)
            )  # fmt: skip
    return out.getvalue()


def marking_html(papers: Sequence[Paper], title: str, code: str) -> str:
    """The marking sheet: a row of right letters for each student."""
    numbers = range(1, len(papers[0].questions) + 1)
    head = "".join(f"<th>{n}</th>" for n in numbers)
    rows = [f"<tr><th>Student</th>{head}<th>Marks</th></tr>"]
    for paper in papers:
        cells = "".join(f"<td>{question.letter}</td>" for question in paper.questions)
        rows.append(f"<tr><th>{paper.student}</th>{cells}<td></td></tr>")
    return "\n".join(
        [
            _head(f"{title}: marking sheet"),
            f"<header><h1>{escape(title)}: marking sheet</h1><p>{escape(code)}</p></header>",
            "<table>",
            *rows,
            "</table></body></html>\n",
        ]
    )


def _head(title: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title><style>{_STYLE}</style></head><body>"
    )

"""The marking sheet of a station as HTML: British English, A4, for the examiner and the candidate.

Only what Qt's rich text knows is used (tables, no style sheets from outside), so that the same text
is shown in the window, printed, and opened in a browser.
"""

from collections.abc import Mapping
from html import escape
from itertools import groupby

from lessons.stations import GLOBAL_RATING, OF_THE_PROGRAM, SHEET, TOTAL, Award, Station

_BOX = "\N{BALLOT BOX}"
_STYLE = (
    "body { font-family: sans-serif; font-size: 9pt; color: #000000; background: #ffffff; } "
    "h1 { font-size: 15pt; } h2 { font-size: 11pt; } "
    "td, th { font-size: 9pt; } .quiet { color: #555555; }"
)


def sheet_html(
    station: Station,
    awarded: Mapping[str, int] | None = None,
    *,
    student_code: str = "",
    date: str = "",
) -> str:
    """The whole sheet: instruction, start, 25 marks, viva with model answers, overall rating.

    awarded : marks by `Award.key`; what it lacks is left open for the examiner's pen. None: an
        empty sheet.
    """
    awarded = awarded or {}
    given = sum(awarded.get(award.key, 0) for award in station.awards)
    of_program = sum(award.marks for award in station.awards if award.part in OF_THE_PROGRAM)
    is_whole = all(award.key in awarded for award in station.awards)
    total = f"{given} / {TOTAL}" if is_whole else f"{_BOX} / {TOTAL}"
    return "".join((
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8">',
        f"<title>{escape(station.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>OSCE station: {escape(station.title)}</h1>",
        f"<p>{station.minutes} minutes, {TOTAL} marks. Student code: "
        f"{escape(student_code) or '______________'} &nbsp; Date: {escape(date) or '__________'} "
        "&nbsp; Examiner: __________________</p>",
        f"<h2>Instruction, for the candidate to read</h2><p>{escape(station.candidate)}</p>",
        "<h2>Marks</h2>",
        _table(station, awarded),
        f'<p class="quiet">P: marked by the program from what was done ({of_program} of {TOTAL}). '
        "E: marked by the examiner. Settings count in the last picture stored.</p>",
        f"<p><b>Total: {total}</b></p>",
        "<h2>How the scanner is set at the start</h2><ul>",
        *(f"<li>{escape(fault)}</li>" for fault in station.faults),
        "</ul>",
        "<h2>Viva: questions and model answers</h2><ol>",
        *(f"<li><b>{escape(v.ask)}</b><br>{escape(v.answer.strip())}</li>" for v in station.viva),
        "</ol><h2>Overall impression (examiner)</h2><p>",
        " &nbsp; ".join(f"{_BOX} {escape(rating)}" for rating in GLOBAL_RATING),
        "</p><p>Remarks: " + "_" * 60 + "</p></body></html>\n",
    ))  # fmt: skip


def _table(station: Station, awarded: Mapping[str, int]) -> str:
    rows = [
        '<table border="1" cellspacing="0" cellpadding="3" width="100%">'
        '<tr><th align="left" width="80%">What the candidate does</th>'
        '<th width="6%">By</th><th width="14%">Marks</th></tr>'
    ]
    for part, awards in groupby(station.awards, key=lambda award: award.part):
        title, marks = SHEET[part]
        rows.append(
            f'<tr><td colspan="2" bgcolor="#e6e6e6"><b>{escape(title)}</b></td>'
            f'<td bgcolor="#e6e6e6" align="center"><b>{marks}</b></td></tr>'
        )
        by = "P" if part in OF_THE_PROGRAM else "E"
        rows += [
            f'<tr><td>{escape(award.text)}</td><td align="center">{by}</td>'
            f'<td align="center">{_mark(award, awarded)}</td></tr>'
            for award in awards
        ]
    return "".join(rows) + "</table>"


def _mark(award: Award, awarded: Mapping[str, int]) -> str:
    shown = awarded.get(award.key)
    return f"{_BOX if shown is None else shown} / {award.marks}"

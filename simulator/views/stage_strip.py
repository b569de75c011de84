"""The imaging chain as boxes; those that the last turn of a knob made run again light up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from simulator import theme
from simulator.frame_worker import Finished
from simulator.models.scanner import Chain
from simulator.views.number_control import number_text
from simulator.words import translate

GAP_PX = 6.0
"""Between two boxes."""
MOST_ROWS = 3


@dataclass(frozen=True)
class Group:
    """One box: a step that a learner knows, and the stages of the chain that make it up."""

    label: str
    what: str
    stages: tuple[str, ...]


GROUPS = (
    Group("Slice", "Cuts the phantom under the probe: tissues, borders, fibres.",
          ("looks", "sector", "face", "aim", "ranges", "reach", "layout", "slice", "matter",
           "survey", "speed")),
    Group("Rays", "Follows the sound of each line: travel time and loss.",
          ("paths", "rays", "loss")),
    Group("Echoes", "What each place sends back: scatterers, fibres, surfaces, wires, ghosts.",
          ("echoes", "ghosts", "mixture", "spectra")),
    Group("Pulse", "The pulse that is sent: its frequency and its length.",
          ("bands", "span", "pulse")),
    Group("Beams", "How wide and strong the beam is by depth: elements, focus, aperture, lens.",
          ("zones", "elements", "senders", "transmit", "reception", "beams")),
    Group("Output", "What is sent into the body: MI, TIS and TIB.", ("output",)),
    Group("Acquire", "The echoes heard through the beams: the signal of each line.",
          ("acquire", "gas", "fold")),
    Group("Receive",
          "The receiver: ringing, noise, compounding, persistence, TGC, gain and saturation.",
          ("noise", "interference", "ringing", "listen", "compound_bands", "compound", "persist",
           "receive")),
    Group("Detect", "The envelope of the signal, speckle reduction, compression to greys, edges.",
          ("despeckle", "detect", "sharpen")),
    Group("Scan convert", "Lines become the picture.", ("raster", "scan_convert")),
    Group("Grey map", "The greys of the finished picture, through a table.", ("grey_map",)),
)  # fmt: skip


class StageStrip(QWidget):
    """What the last change cost: stages that ran are lit and say how long they took."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[Group, ...] = ()
        self._milliseconds: dict[str, float] = {}
        self._total = ""
        self._boxes: list[tuple[Group, QRectF]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Imaging chain"))
        self.setToolTip(self.tr("Stages of the imaging chain; those that just ran again are lit."))

    def set_chain(self, chain: Chain) -> None:
        """Show the steps of this chain."""
        self._groups = grouped([stage.name for stage in chain.stages])
        self._fit()

    @property
    def lit(self) -> tuple[str, ...]:
        """Labels of the boxes shown as having run."""
        return tuple(group.label for group in self._groups if self._ran(group))

    @Slot(object)
    def show_frame(self, finished: Finished) -> None:
        """Light the steps that made this frame, which followed a turn of a knob."""
        frame = finished.frame
        if not self._groups:
            self._groups = grouped(frame.ran)
            self._fit()
        self._milliseconds = {name: frame.milliseconds.get(name, 0.0) for name in frame.ran}
        computed = self.tr("computed in %1").replace("%1", _short_ms(finished.milliseconds))
        sound = self.tr("sound needs %1").replace("%1", _short_ms(1e3 / frame.frame_rate_hz))
        self._total = f"{computed}\n{sound}"
        self.setAccessibleDescription(self._total)
        self.update()

    def darken(self, why: str) -> None:
        """Light nothing, and say why: what ran would tell what was turned."""
        self._milliseconds, self._total = {}, why
        self.setAccessibleDescription(why)
        self.update()

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(40 * em, round(2.7 * em * len(self._rows())))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take as many rows as the boxes need."""
        if self.height() != self.sizeHint().height():
            self.updateGeometry()
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            for group, box in self._boxes:
                if box.contains(event.pos()):
                    QToolTip.showText(event.globalPos(), self._tip(group), self)
                    return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._place_boxes()
        before: QRectF | None = None
        for group, box in self._boxes:
            self._draw_box(painter, group, box)
            if before is not None and box.top() == before.top():
                y = box.center().y()
                painter.setPen(QPen(QColor(theme.QUIET), 1))
                painter.drawLine(QPointF(before.right(), y), QPointF(box.left(), y))
            before = box
        if before is not None:
            left = max(box.right() for _, box in self._boxes) + 10
            rest = QRectF(left, 0, self.width() - left - 4, self.height())
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, self._total)

    def _ran(self, group: Group) -> dict[str, float]:
        """The group's stages that ran, and their milliseconds."""
        return {n: self._milliseconds[n] for n in group.stages if n in self._milliseconds}

    def _box_px(self, group: Group) -> float:
        """Width that the text of this box wants."""
        text_px = self.fontMetrics().horizontalAdvance
        widest = max(text_px(translate("Stage", group.label)), text_px("888 ms"))
        return widest + 0.7 * self.fontMetrics().height()

    def _room_px(self, n_box: int) -> float:
        """Width for so many boxes side by side, beside the times at the right."""
        return self.width() - 11.5 * self.fontMetrics().height() - GAP_PX * n_box

    def _rows(self) -> list[tuple[Group, ...]]:
        """The boxes in rows, as few as leave room for their text."""
        for n_row in range(1, MOST_ROWS + 1):
            n = max(1, math.ceil(len(self._groups) / n_row))
            rows = [self._groups[i : i + n] for i in range(0, len(self._groups), n)]
            if all(sum(map(self._box_px, row)) <= 1.1 * self._room_px(len(row)) for row in rows):
                break
        return rows or [()]

    def _place_boxes(self) -> None:
        rows = self._rows()
        pitch = (self.height() - 3) / len(rows)
        self._boxes = []
        for number, row in enumerate(rows):
            wanted = sum(map(self._box_px, row))
            squeeze = min(1.0, self._room_px(len(row)) / wanted) if row else 1.0
            left = 6.0
            for group in row:
                width = squeeze * self._box_px(group)
                box = QRectF(left, 3 + number * pitch, width, pitch - 3)
                self._boxes.append((group, box))
                left += width + GAP_PX

    def _draw_box(self, painter: QPainter, group: Group, box: QRectF) -> None:
        ran = self._ran(group)
        painter.setPen(QPen(QColor(theme.ACCENT if ran else theme.LINE), 1))
        painter.setBrush(QColor("#1d4260" if ran else theme.PANEL))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(QColor(theme.TEXT if ran else theme.QUIET))
        text = self.fontMetrics().elidedText(
            translate("Stage", group.label), Qt.TextElideMode.ElideRight, int(box.width())
        )
        if ran:
            text += f"\n{_short_ms(sum(ran.values()))}"
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _tip(self, group: Group) -> str:
        texts = [group.label, group.what] if group.what else [group.label]
        lines = [translate("Stage", text) for text in texts]
        lines += [f"{name}: {_short_ms(ms)}" for name, ms in self._ran(group).items()]
        return "\n".join(lines)


def grouped(stages: Sequence[str]) -> tuple[Group, ...]:
    """The groups that have a stage in this chain; stages of no group get a box of their own."""
    known = {name for group in GROUPS for name in group.stages}
    groups = [group for group in GROUPS if set(group.stages) & set(stages)]
    strangers = [name for name in stages if name not in known]
    return (*groups, *(Group(n.replace("_", " ").capitalize(), "", (n,)) for n in strangers))


def _short_ms(milliseconds: float) -> str:
    if milliseconds >= 995:
        return number_text(milliseconds * 1e-3, 1, "s")
    return number_text(milliseconds, 1 if milliseconds < 9.95 else 0, "ms")

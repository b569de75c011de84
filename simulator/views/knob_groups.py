"""The rarer knobs, in named groups that fold; each is made from the table of knobs."""

from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from physics.settings import KNOBS
from simulator.models.scanner import Scanner
from simulator.views.fold import Fold
from simulator.views.knob_control import ChoiceControl, KnobControl, show_unless
from simulator.words import translate

OTHERS = "beamforming"
"""Group of knobs whose own group has no place on the console."""


@dataclass(frozen=True)
class Groups:
    """Folds by group, and the controls in them by knob."""

    folds: dict[str, Fold]
    knobs: dict[str, KnobControl]
    choices: dict[str, ChoiceControl]

    def show_hidden(self, hidden: frozenset[str]) -> None:
        """Take a group away when all of its knobs are hidden."""
        for group, fold in self.folds.items():
            names = [k.name for k in KNOBS.values() if self._group_of(k.name) == group]
            show_unless(fold, set(names) <= hidden)

    def _group_of(self, name: str) -> str:
        placed = name in self.knobs or name in self.choices
        group = KNOBS[name].group
        return (group if group in self.folds else OTHERS) if placed else ""


def make_groups(scanner: Scanner, elsewhere: tuple[str, ...]) -> Groups:
    """All knobs that are not `elsewhere` on the console."""
    folds = {group: Fold(*texts) for group, texts in _texts().items()}
    knobs: dict[str, KnobControl] = {}
    choices: dict[str, ChoiceControl] = {}
    for knob in KNOBS.values():
        if knob.name in elsewhere or knob.n_value > 1:
            continue
        control: QWidget
        if knob.choices:
            control = choices[knob.name] = ChoiceControl(scanner, knob.name)
        else:
            control = knobs[knob.name] = KnobControl(scanner, knob.name, stacked=False)
        folds.get(knob.group, folds[OTHERS]).add(control)
    return Groups(folds, knobs, choices)


def _texts() -> dict[str, tuple[str, str, str]]:
    """Title, name for a screen reader and tool-tip of each group, in the console's order."""
    return {
        "beamforming": (
            translate("KnobGroups", "Beamforming"),
            translate("KnobGroups", "Show the beamforming knobs"),
            translate("KnobGroups", "Apertures and their weights, for transmit and receive."),
        ),
        "lines": (
            translate("KnobGroups", "Lines and zoom"),
            translate("KnobGroups", "Show the knobs of the scan lines"),
            translate(
                "KnobGroups",
                "How many lines and transmits make a frame, and what part of the field they "
                "scan: what the frame rate is spent on.",
            ),
        ),
        "image": (
            translate("KnobGroups", "Image processing"),
            translate("KnobGroups", "Show the image processing knobs"),
            translate(
                "KnobGroups",
                "What is done to echoes that are in already: averaging, smoothing, greys.",
            ),
        ),
        "physics": (
            translate("KnobGroups", "Physics"),
            translate("KnobGroups", "Show the switches of the physics"),
            translate(
                "KnobGroups",
                "Takes one property away from sound or tissue, to see what it was good for.",
            ),
        ),
        "faults": (
            translate("KnobGroups", "Faults"),
            translate("KnobGroups", "Show the faults of the machine"),
            translate("KnobGroups", "What can be wrong with probe, contact and surroundings."),
        ),
    }

"""Values of options that begin with a minus."""

from collections.abc import Sequence

_SIGNED = (
    "--line-x-mm",
    "--line-deg",
    "--depth-mm",
    "--slide-mm",
    "--slide-y-mm",
    "--turn-deg",
    "--rock-deg",
    "--tilt-deg",
    "--standoff-mm",
    "--press-mm",
    "--seed",
    "--noise-seed",
    "--attenuation-db-cm-mhz",
)
"""Options whose value may begin with a minus."""


def join_signed_values(argv: Sequence[str]) -> list[str]:
    """`--line-x-mm -6:6:0.15` as `--line-x-mm=-6:6:0.15`: argparse would see an option `-6:...`."""
    joined: list[str] = []
    for text in argv:
        if joined and joined[-1] in _SIGNED and text.startswith("-") and not text.startswith("--"):
            joined[-1] += "=" + text
        else:
            joined.append(text)
    return joined

"""Which version of the program this is."""

from importlib import metadata


def program_version() -> str:
    """Version of the installed distribution."""
    try:
        return metadata.version("insonate")
    except metadata.PackageNotFoundError:
        return "unknown"

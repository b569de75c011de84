"""The made-up media of `physics.validation.media`, for tests."""

from physics.validation.media import *  # noqa: F403

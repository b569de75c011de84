"""Questions made fresh: numbers and pictures drawn by a seed, answers worked out by `physics`."""

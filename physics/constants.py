"""Physical and machine constants used in more than one place, each with its source."""

MACHINE_SPEED_M_S = 1540.0
"""Speed of sound every scanner assumes, m/s (IEC 61391-1; AIUM/NEMA UD 2)."""

DB_PER_NEPER = 8.685889638065037
"""20 / ln 10: decibels in one neper of amplitude."""

HALF_AMPLITUDE_DB = -6.020599913279624
"""20 log10(1/2). Widths "at -6 dB" in this project are full widths at half amplitude."""

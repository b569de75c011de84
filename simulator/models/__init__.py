"""State of the program, QtCore only: what is shown and what is asked for."""

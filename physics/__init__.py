"""Ultrasound physics in SI units: from a medium and a probe to a picture."""

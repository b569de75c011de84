"""Lessons as data: texts, tasks the computer can check, questions."""

from lessons.lesson import Lesson
from lessons.loader import lesson_names, load_lesson, load_lesson_folder

__all__ = ["Lesson", "lesson_names", "load_lesson", "load_lesson_folder"]

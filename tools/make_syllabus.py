"""Write docs/syllabus.md from the teaching content: `make syllabus`."""

from pathlib import Path

from lessons.syllabus import syllabus_markdown

if __name__ == "__main__":
    page = Path(__file__).parents[1] / "docs" / "syllabus.md"
    page.write_text(syllabus_markdown(), encoding="utf-8")

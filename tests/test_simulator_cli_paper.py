"""`insonate paper`: papers for a cohort, whole files, the same whoever makes them."""

import csv
import os
import re
import signal
from collections import Counter
from html.parser import HTMLParser

import pytest

from lessons.fresh.paper import make_paper, most_items
from lessons.papers import BLUEPRINT, apportion
from simulator import paper_command
from simulator.__main__ import main
from simulator.errors import UserError
from simulator.paper_job import Job, make_html
from simulator.version import program_version

N_ITEM = 5


@pytest.fixture
def quick(monkeypatch):
    """Pictures are what they show, without being rendered."""
    monkeypatch.setattr(
        "simulator.paper_job.scene_jpeg", lambda scene, renderer: repr(scene).encode()
    )
    monkeypatch.setattr("simulator.paper_job._renderer", lambda: None)


def run(folder, *more, students=3, items=N_ITEM, seed=7):
    return main(
        ["paper", "--students", str(students), "--items", str(items), "--seed", str(seed),
         "--out", str(folder), "--workers", "1", *more]
    )  # fmt: skip


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_paper_keeps_the_weights_of_the_course_and_no_question_comes_twice():
    for student in range(1, 30):
        paper = make_paper(7, student, 30)
        assert Counter(q.fresh.item.outcome for q in paper.questions) == apportion(30, BLUEPRINT)
        topics = [q.fresh.item.id.replace("_cause_", "_picture_") for q in paper.questions]
        assert len(set(topics)) == 30


def test_every_student_has_a_paper_of_their_own_and_the_same_again_for_the_same_seed():
    papers = [make_paper(7, student, 30) for student in range(1, 40)]
    assert papers == [make_paper(7, student, 30) for student in range(1, 40)]
    stems = [tuple(q.fresh.item.stem for q in paper.questions) for paper in papers]
    assert len(set(stems)) == len(papers)
    assert make_paper(8, 1, 30) != papers[0]


def test_right_letters_are_spread():
    letters = Counter(q.letter for n in range(1, 60) for q in make_paper(7, n, 30).questions)
    assert all(letters[letter] > 0.15 * letters.total() for letter in "ABCD")


class _Seen(HTMLParser):
    def __init__(self):
        super().__init__()
        self.options, self.addresses = [], []

    def handle_starttag(self, tag, attributes):
        if tag == "ol":
            self.options.append(0)
        if tag == "li":
            self.options[-1] += 1
        self.addresses += [v for k, v in attributes if k in ("src", "href")]


def test_files_hold_paper_key_and_marking_sheet_and_fetch_nothing(tmp_path, quick, capsys):
    assert run(tmp_path / "papers", items=30) == 0
    folder = tmp_path / "papers"
    names = {"paper_001.html", "paper_002.html", "paper_003.html"}
    assert set(contents(folder)) == names | {"key.csv", "marking.html", "recipe.json"}
    rows = list(csv.DictReader((folder / "key.csv").open(encoding="utf-8", newline="")))
    assert len(rows) == 90
    for student in (1, 2, 3):
        text = (folder / f"paper_{student:03d}.html").read_text(encoding="utf-8")
        seen = _Seen()
        seen.feed(text)
        assert len(seen.options) == 30
        assert all(address.startswith("data:image/jpeg;base64,") for address in seen.addresses)
        assert "url(" not in text
        assert "correct" not in text
        for row in rows:
            if row["student"] == str(student):
                question = make_paper(7, student, 30).questions[int(row["question"]) - 1]
                at = "ABCDE".index(row["right"])
                assert question.shown.options[at].correct
                assert question.shown.options[at].text == row["answer"]
                assert "ABCDE".index(row["right"]) < seen.options[int(row["question"]) - 1]
    letters = re.findall(r"<td>([A-E])</td>", (folder / "marking.html").read_text("utf-8"))
    assert letters == [row["right"] for row in rows]


def test_a_run_goes_on_where_the_last_one_ended(tmp_path, quick, monkeypatch, capsys):
    whole = tmp_path / "whole"
    assert run(whole) == 0

    made = paper_command._write
    begun = tmp_path / "begun"

    def breaks_at_second(path, content):
        if path.name == "paper_002.html":
            raise UserError("the disk is full")
        made(path, content)

    monkeypatch.setattr(paper_command, "_write", breaks_at_second)
    assert run(begun) == 2
    assert "paper_001.html" in contents(begun)
    assert "paper_002.html" not in contents(begun)
    assert not [name for name in contents(begun) if name.endswith(".part")]

    monkeypatch.setattr(paper_command, "_write", made)
    before = (begun / "paper_001.html").stat().st_mtime_ns
    assert run(begun) == 0
    assert "1 were there" in capsys.readouterr().out
    assert (begun / "paper_001.html").stat().st_mtime_ns == before
    assert contents(begun) == contents(whole)


def test_papers_of_another_seed_are_not_mixed_in(tmp_path, quick, capsys):
    assert run(tmp_path) == 0
    before = contents(tmp_path)
    assert run(tmp_path, seed=8) == 2
    assert "another folder" in capsys.readouterr().err
    assert contents(tmp_path) == before


def test_more_students_are_added_to_those_there(tmp_path, quick):
    assert run(tmp_path, students=2) == 0
    before = contents(tmp_path)
    assert run(tmp_path, students=4) == 0
    after = contents(tmp_path)
    assert {name for name in after if name.startswith("paper_")} == {
        f"paper_{n:03d}.html" for n in (1, 2, 3, 4)
    }
    assert after["paper_001.html"] == before["paper_001.html"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"items": 120}, f"1 to {most_items()}"),
        ({"students": 0}, "--students"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_sentence(tmp_path, quick, capsys, change, said):
    assert run(tmp_path / "papers", **change) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not (tmp_path / "papers").exists()


def test_without_dask_the_scheduler_is_refused_by_name_of_the_extra(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("simulator.paper_workers.has_dask", lambda: False)
    arguments = ["paper", "--students", "1", "--seed", "1", "--out", str(tmp_path / "p")]
    assert main([*arguments, "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert "cluster" in capsys.readouterr().err
    assert not (tmp_path / "p").exists()


def test_a_worker_of_another_version_is_refused(quick):
    with pytest.raises(Exception, match="same on all machines"):
        make_html(Job(7, 1, 3, "T", "c", "0.0.0"))
    assert make_html(Job(7, 1, 3, "T", "c", program_version()))


@pytest.mark.slow
def test_two_processes_make_the_same_bytes_as_one(tmp_path):
    assert run(tmp_path / "one", students=4, items=8) == 0
    arguments = ["paper", "--students", "4", "--items", "8", "--seed", "7"]
    assert main([*arguments, "--out", str(tmp_path / "two"), "--workers", "2"]) == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_half_way_makes_the_same_bytes(tmp_path, monkeypatch):
    """Two workers of a LocalCluster; one is killed after the first paper has come in."""
    distributed = pytest.importorskip("distributed")
    students = 8
    assert run(tmp_path / "serial", students=students, items=8) == 0
    written = []
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        with distributed.Client(cluster) as client:
            pids = client.run(os.getpid)
        write = paper_command._write

        def write_and_kill(path, content):
            write(path, content)
            if path.name.startswith("paper_"):
                written.append(path.name)
                if len(written) == 1:
                    os.kill(next(iter(pids.values())), signal.SIGKILL)

        monkeypatch.setattr(paper_command, "_write", write_and_kill)
        status = main(
            ["paper", "--students", str(students), "--items", "8", "--seed", "7",
             "--out", str(tmp_path / "cluster"), "--scheduler", cluster.scheduler_address]
        )  # fmt: skip
        with distributed.Client(cluster) as client:
            after = set(client.run(os.getpid).values())
    assert status == 0
    assert len(written) == students
    assert next(iter(pids.values())) not in after
    assert contents(tmp_path / "cluster") == contents(tmp_path / "serial")

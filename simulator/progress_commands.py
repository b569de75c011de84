"""`insonate progress`: show, export, results for a lecturer, delete."""

import argparse
import contextlib
from collections.abc import Iterator

from lessons.dashboard import dashboard
from lessons.packs import read_pack
from lessons.progress import ProgressStore, local_now
from lessons.progress_export import answers_csv, progress_json, results_csv, student_code
from lessons.progress_file import progress_path
from lessons.question_bank import load_bank
from simulator.errors import UserError, say, users_fault
from simulator.output_file import OutputFiles
from simulator.teaching_commands import check_scene


def progress(args: argparse.Namespace) -> int:
    """Do what the action asks; the exit status."""
    with opened_store() as store:
        answer = {"show": show, "export": export, "results": results, "delete": delete}
        return answer[args.action](store, args)


@contextlib.contextmanager
def opened_store() -> Iterator[ProgressStore]:
    """This user's progress; says so if an unusable file was put aside."""
    with users_fault(), ProgressStore(progress_path(), local_now) as store:
        if store.notice:
            say(store.notice)
        yield store


def show(store: ProgressStore, args: argparse.Namespace) -> int:
    """Print the dashboard's numbers, a line for each outcome."""
    now = store.clock()
    board = dashboard(store.reviews(), load_bank().items, now, stations=store.station_runs())
    for one in board.outcomes:
        print(f"{one.outcome:<5} {one.title:<40} {one.n_passed:>3} of {one.n_item:>3} passed, "
              f"{one.n_due} due")  # fmt: skip
    print(
        f"{board.n_mastered} of {len(board.outcomes)} outcomes mastered, {board.n_due} due, "
        f"{board.n_new_today} new ones today, {board.time_s / 60:.0f} min so far."
    )
    return 0


def export(store: ProgressStore, args: argparse.Namespace) -> int:
    """Write everything as JSON, or the answers as CSV."""
    suffix = ".csv" if args.out.suffix.lower() == ".csv" else ".json"
    with OutputFiles((args.out, suffix)) as files:
        text = answers_csv(store) if suffix == ".csv" else progress_json(store)
        files.put(0, text.encode())
    return 0


def results(store: ProgressStore, args: argparse.Namespace) -> int:
    """Write results under a student code."""
    only = None if args.pack is None else read_pack(args.pack, check_scene).items.keys()
    with OutputFiles((args.out, ".csv")) as files:
        code = student_code(store, args.code)
        text = results_csv(store, code, only)
        files.put(0, text.encode())
    print(f"The results are under the student code {code}.")
    return 0


def delete(store: ProgressStore, args: argparse.Namespace) -> int:
    """Forget everything, if that is really wanted."""
    if not args.yes:
        raise UserError(
            "this forgets every answer, paper and station of this user; if that is wanted: "
            "insonate progress delete --yes"
        )
    store.delete_everything()
    print("All progress is deleted.")
    return 0

"""The worker: newest request wins, errors are told, nothing is left running."""

import threading

import pytest
from window_fakes import PHANTOMS, FakeEngine

from simulator.frame_worker import Finished, FrameWorker
from simulator.live_scan import LiveScan
from simulator.models.scanner import Scanner

WAIT_S = 10


class Blocked:
    """Computes only when told to."""

    def __init__(self):
        self.computed, self.started, self.go = [], threading.Event(), threading.Event()

    def __call__(self, request):
        self.computed.append(request)
        self.started.set()
        assert self.go.wait(WAIT_S)
        return f"frame {request}"


@pytest.fixture
def make_worker(qapp):
    workers = []

    def make(compute):
        worker = FrameWorker(lambda: compute)
        workers.append(worker)
        worker.start()
        return worker

    yield make
    for worker in workers:
        assert worker.stop(WAIT_S)


def test_of_waiting_requests_only_the_newest_is_computed(make_worker, qtbot):
    blocked, delivered = Blocked(), []
    worker = make_worker(blocked)
    worker.frame_ready.connect(delivered.append)
    worker.submit(0)
    assert blocked.started.wait(WAIT_S)
    for number in range(1, 100):
        worker.submit(number)
    blocked.go.set()
    qtbot.waitUntil(lambda: bool(delivered) and delivered[-1].request == 99)
    assert blocked.computed == [0, 99]
    assert delivered[-1].frame == "frame 99"
    assert worker.idle


def test_frames_come_in_the_order_asked_and_carry_their_request(make_worker, qtbot):
    delivered = []
    worker = make_worker(lambda request: request * 2)
    worker.frame_ready.connect(delivered.append)
    for request in range(20):
        worker.submit(request)
    qtbot.waitUntil(lambda: bool(delivered) and delivered[-1].request == 19)
    numbers = [finished.number for finished in delivered]
    assert numbers == sorted(set(numbers))
    assert all(finished.frame == 2 * finished.request for finished in delivered)


def test_a_busy_window_skips_frames_instead_of_queueing_them(make_worker, qtbot):
    computed, delivered = threading.Semaphore(0), []

    def compute(request):
        computed.release()
        return request

    worker = make_worker(compute)
    worker.frame_ready.connect(delivered.append)
    for request in range(30):  # this loop keeps the window busy: nothing is delivered meanwhile
        worker.submit(request)
        assert computed.acquire(timeout=WAIT_S)
    qtbot.waitUntil(lambda: bool(delivered) and delivered[-1].request == 29)
    assert len(delivered) <= 2


def test_an_error_is_one_sentence_and_the_next_request_is_served(make_worker, qtbot):
    def compute(request):
        if request == "bad":
            raise ValueError("the depth is\nwrong")
        if request == "worse":
            raise KeyError("x")
        return request

    worker, told, delivered = make_worker(compute), [], []
    worker.failed.connect(told.append)
    worker.frame_ready.connect(delivered.append)
    for bad in ("bad", "worse"):
        with qtbot.waitSignal(worker.failed):
            worker.submit(bad)
    assert told[0] == "the depth is wrong."
    assert "KeyError" in told[1]
    assert told[1].endswith(".")
    worker.submit("good")
    qtbot.waitUntil(lambda: [f.request for f in delivered] == ["good"])


def test_an_engine_that_cannot_be_built_is_told(qtbot):
    def build():
        raise RuntimeError("no kernels today")

    worker = FrameWorker(build)
    with qtbot.waitSignal(worker.failed) as failed:
        worker.start()
    assert "no kernels today" in failed.args[0]
    assert worker.stop(WAIT_S)


def test_stopping_in_the_middle_waits_for_the_frame_and_delivers_nothing(qtbot):
    blocked, delivered = Blocked(), []
    worker = FrameWorker(lambda: blocked)
    worker.frame_ready.connect(delivered.append)
    worker.start()
    worker.submit(0)
    assert blocked.started.wait(WAIT_S)
    assert not worker.stop(0.01)
    blocked.go.set()
    assert worker.stop(WAIT_S)
    qtbot.wait(20)
    assert delivered == []


def test_a_worker_that_was_never_started_can_be_stopped(qapp):
    assert FrameWorker(lambda: len).stop(WAIT_S)


@pytest.fixture
def live(qtbot):
    engine = FakeEngine()
    scanner = Scanner("block", load_phantom=PHANTOMS.__getitem__)
    live = LiveScan(scanner, FrameWorker(lambda: engine))
    live.engine, live.scanner = engine, scanner
    yield live
    live.stop()


def test_every_change_is_asked_for_and_shown(live, qtbot):
    shown = []
    live.shown.connect(shown.append)
    live.start()
    qtbot.waitUntil(lambda: bool(shown))
    live.scanner.turn(gain_db=7)
    qtbot.waitUntil(lambda: shown[-1].request.settings.gain_db == 7)
    assert live.up_to_date


def test_noise_lives_while_nobody_touches_and_rests_in_freeze(live, qtbot):
    shown = []
    live.shown.connect(shown.append)
    live.start()
    qtbot.waitUntil(lambda: len(shown) >= 3)
    assert len({finished.request.noise_seed for finished in shown}) == len(shown)
    live.scanner.set_frozen(True)
    qtbot.waitUntil(lambda: live.up_to_date and live._worker.idle)
    seed, count = live.scanner.noise_seed, len(shown)
    qtbot.wait(300)
    assert live.scanner.noise_seed == seed
    assert len(shown) == count


def test_a_late_frame_never_replaces_a_newer_one(live, qtbot):
    shown = []
    live.shown.connect(shown.append)
    request = live.scanner.request()
    for number in (1, 3, 2, 3, 4):
        live._take(Finished(number, request, live.engine(request), 1.0))
    assert [finished.number for finished in shown] == [1, 3, 4]


def test_a_picture_that_lags_the_knobs_says_so(live, qtbot):
    request = live.scanner.request()
    live._take(Finished(1, request, live.engine(request), 1.0))
    with qtbot.waitSignal(live.behind, check_params_cb=lambda late: late):
        live.scanner.turn(gain_db=3)  # the worker does not run: nothing will come
    assert not live.up_to_date


def test_after_an_error_it_does_not_ask_the_same_again_and_again(live, qtbot):
    live.start()
    with qtbot.waitSignal(live.shown):
        pass
    live._worker.failed.emit("it went wrong.")
    qtbot.waitUntil(lambda: live._worker.idle)
    asked = len(live.engine.requests)
    qtbot.wait(300)
    assert len(live.engine.requests) == asked


def test_stopping_cuts_short_what_the_engine_waits_for(qtbot):
    ended = threading.Event()

    def build():
        assert ended.wait(WAIT_S)
        return len

    worker, built = FrameWorker(build, interrupt=ended.set), []
    worker.built.connect(built.append)
    worker.start()
    assert worker.stop(WAIT_S)
    qtbot.wait(20)
    assert built == []

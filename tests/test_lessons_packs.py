"""Class packs: data only, within limits, and nothing in them becomes a path."""

import hashlib
import io
import stat
import zipfile
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons import packs
from lessons.packs import INDEX, parse_pack, write_pack
from phantoms.checked import ContentError

ITEMS = b"""
format = 1
[[item]]
id = "lo4_class_gain"
kind = "true_false"
outcome = "LO4"
difficulty = 1
level = "recall"
source = ["teaching"]
stem = "Overall gain acts on echoes that have been received."
[[item.options]]
text = "True"
explanation = "Gain amplifies what the probe has received, echoes and noise alike."
correct = true
[[item.options]]
text = "False"
explanation = "What is sent depends on the power, which is another control."
"""
SCENE = b'{"insonate_scene": 1}'


def check_scene(content: bytes, name: str) -> None:
    if b"insonate_scene" not in content:
        raise ContentError(f"{name}: is no scene of Insonate")


def made(files: dict[str, bytes], title="Unit 1") -> bytes:
    stream = io.BytesIO()
    write_pack(stream, title, "A. Lecturer", files, check_scene)
    return stream.getvalue()


def by_hand(files: dict[str, bytes], **changed: zipfile.ZipInfo) -> bytes:
    """A pack without the writer's checks; `changed` replaces the header of an entry."""
    sums = "".join(
        f'"{name}" = "{hashlib.sha256(data).hexdigest()}"\n' for name, data in files.items()
    )
    index = f'format = 1\ntitle = "x"\n[sha256]\n{sums}'.encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {INDEX: index, **files}.items():
            archive.writestr(changed.get(name, name), data)
    return stream.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(ContentError) as caught:
        parse_pack(content, "class.insonate-pack", check_scene)
    message = str(caught.value)
    assert message.startswith("class.insonate-pack")
    assert "\n" not in message
    return message


def test_a_pack_is_read_back_with_its_scenes_and_questions():
    content = made({"scenes/tear.insonate": SCENE, "items/gain.toml": ITEMS})
    pack = parse_pack(content, "class.insonate-pack", check_scene)
    assert (pack.title, pack.author) == ("Unit 1", "A. Lecturer")
    assert pack.scenes == {"tear": SCENE}
    assert list(pack.items) == ["lo4_class_gain"]
    assert pack.summary() == "'Unit 1' holds 1 scene and 1 question."
    assert pack.faults == ()


def test_the_same_contents_make_the_same_file():
    files = {"scenes/b.insonate": SCENE, "scenes/a.insonate": SCENE}
    assert made(files) == made(dict(reversed(files.items())))


@given(st.text(min_size=1, max_size=60).filter(lambda text: "\x00" not in text))
@settings(max_examples=40)
def test_any_title_comes_back(title):
    try:
        title.encode()
    except UnicodeEncodeError:
        return
    content = made({"scenes/a.insonate": SCENE}, title)
    assert parse_pack(content, "x", check_scene).title == title


@pytest.mark.parametrize(
    "name",
    [
        "../evil.insonate", "/etc/evil.toml", "scenes/../../evil.insonate", "scenes/a/b.insonate",
        "items/evil.py", "C:\\evil.toml", "scenes\\evil.insonate", "evil.toml", "scenes/.insonate",
        "scenes/A.insonate", "scenes/a.insonate\n",
    ],
)  # fmt: skip
def test_a_name_that_leads_elsewhere_is_refused(name):
    assert "has no place in a pack" in refused(by_hand({name: SCENE}))


def test_a_link_is_refused():
    link = zipfile.ZipInfo("scenes/a.insonate")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    content = by_hand({"scenes/a.insonate": b"/etc/passwd"}, **{"scenes/a.insonate": link})
    assert "link" in refused(content)


def test_a_file_that_grows_on_unpacking_is_refused_before_it_fills_the_memory():
    bomb = by_hand({"scenes/a.insonate": bytes(30_000_000)})
    assert len(bomb) < 100_000
    assert "too large" in refused(bomb)


def test_many_files_that_are_too_large_together_are_refused(monkeypatch):
    monkeypatch.setattr(packs, "MOST_BYTES", 50_000)
    many = {f"scenes/a{i}.insonate": SCENE + bytes(20_000) for i in range(4)}
    assert "in all" in refused(by_hand(many))


def test_too_many_files_are_refused():
    many = {f"scenes/a{i}.insonate": SCENE for i in range(packs.MOST_FILES + 1)}
    assert "200 are allowed" in refused(by_hand(many))


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch):
    monkeypatch.setattr(packs, "MOST_BYTES", 1000)
    assert "larger than" in refused(bytes(1001))


def test_the_same_name_twice_is_refused():
    stream = io.BytesIO(by_hand({"scenes/a.insonate": SCENE}))
    with zipfile.ZipFile(stream, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("scenes/a.insonate", SCENE)
    assert "twice" in refused(stream.getvalue())


def test_what_was_changed_missing_or_added_after_the_pack_was_made_is_named():
    stream = io.BytesIO(by_hand({"scenes/a.insonate": SCENE}))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("scenes/b.insonate", SCENE)
    assert "'scenes/b.insonate' has no checksum" in refused(stream.getvalue())
    whole = by_hand({"scenes/a.insonate": SCENE})
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        index = archive.read(INDEX)
    for files, problem in (
        ({INDEX: index}, "is missing"),
        ({INDEX: index, "scenes/a.insonate": SCENE + b" "}, "changed or damaged"),
    ):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        assert problem in refused(stream.getvalue())


def test_what_is_no_scene_and_what_is_no_question_are_refused():
    assert "no scene" in refused(by_hand({"scenes/a.insonate": b"{}"}))
    assert "items/a.toml: item 1" in refused(
        by_hand({"items/a.toml": ITEMS.replace(b"correct = true", b"")})
    )
    assert "TOML" in refused(by_hand({"items/a.toml": b"[["}))
    unknown = by_hand({"items/a.toml": ITEMS.replace(b'"teaching"', b'"hearsay"')})
    assert "hearsay" in refused(unknown)


def test_a_question_may_not_take_the_place_of_one_of_the_bank():
    taken = ITEMS.replace(b"lo4_class_gain", b"lo4_gain_and_mi")
    assert "has it already" in refused(by_hand({"items/a.toml": taken}))


def test_an_empty_pack_and_a_zip_that_is_none_are_refused():
    assert "empty" in refused(by_hand({}))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w"):
        pass
    assert "no class pack" in refused(stream.getvalue())


def test_a_pack_that_a_reader_would_refuse_is_not_written():
    stream = io.BytesIO()
    with pytest.raises(ContentError):
        write_pack(stream, "x", "", {"scenes/a.insonate": b"{}"}, check_scene)
    assert stream.getvalue() == b""


def test_bad_wording_is_said_but_the_pack_can_be_used():
    worded = ITEMS.replace(b"echoes that", b"color echoes that")
    pack = parse_pack(made({"items/a.toml": worded}), "x", check_scene)
    assert any("colour" in fault for fault in pack.faults)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=8))
def test_a_damaged_pack_is_read_whole_or_refused_in_a_sentence(place, noise):
    content = bytearray(made({"scenes/tear.insonate": SCENE, "items/gain.toml": ITEMS}))
    at = place % len(content)
    content[at : at + len(noise)] = noise
    try:
        parse_pack(bytes(content), "class.insonate-pack", check_scene)
    except ContentError as error:
        message = str(error)
    else:
        return
    assert message.startswith("class.insonate-pack")


def test_the_bank_has_the_source_that_lecturers_name():
    vocabulary = resources.files("lessons").joinpath("bank", "vocabulary.toml")
    assert "teaching" in vocabulary.read_text(encoding="utf-8")

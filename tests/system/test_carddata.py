#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The personal files of a card before judges that know nothing of us."""
import os

import card_judge
from harness import Directory, main, run, test


class Fixture:
    def __init__(self):
        self.directory = Directory()
        self.judge = card_judge.Judge(self.directory.path)
        run(os.environ["JPKI_TEST_MAKE_CARDDATA"], self.directory.path)
        self.files = {name: self.read(name) for name in os.listdir(self.directory.path) if "." not in name}

    def read(self, name):
        with open(self.directory.file(name), "rb") as f:
            return f.read()

    def close(self):
        self.directory.close()


def refuses(function, *arguments):
    try:
        function(*arguments)
    except AssertionError:
        return True
    return False


def changed(files, name, at):
    data = bytearray(files[name])
    data[at] ^= 1
    return files | {name: bytes(data)}


@test
def any_changed_text_is_noticed(f):
    """The judge is one: it sees a change in each file."""
    root = f.read("root-text.der")
    for name, at in (("text-0001", 5), ("text-0002", 20), ("text-0003", 20), ("text-0003", 300),
                     ("text-0004", 100), ("text-0004", 500), ("text-0007", 200), ("text-0007", 500)):
        assert refuses(f.judge.text, changed(f.files, name, at), root), (name, at)
    assert refuses(f.judge.text, f.files, f.read("root-visual.der"))


@test
def any_changed_picture_is_noticed(f):
    root = f.read("root-visual.der")
    face = f.files["visual-0002"]
    places = [("visual-0001", 10), ("visual-0001", 400), ("visual-0004", 200), ("visual-0005", 60)]
    places += [("visual-0002", face.index(tag) + 12) for tag in (b"\xdf\x22\x08", b"\xdf\x25", b"\xdf\x26", b"\xdf\x27")]
    for name, at in places:
        assert refuses(f.judge.visual, changed(f.files, name, at), root), (name, at)


@test
def texts_are_signed_by_a_key_that_the_root_vouches_for(f):
    words, key = f.judge.text(f.files, f.read("root-text.der"))
    assert words == ["番号　花子", "東京都千代田区見本町一丁目２番３号", "19900415", "2", "123456789018"], words
    assert key == f.read("key-text.der")
    assert len(f.files["text-0002"]) <= 130, "the outer length has one byte, which old clients expect"


@test
def pictures_are_signed_in_their_own_way(f):
    words, _, key = f.judge.visual(f.files, f.read("root-visual.der"))
    assert words == ["19900415", "2", "20350415"], words
    assert key == f.read("key-visual.der")


@test
def pictures_of_texts_have_one_bit_a_pixel_and_ink(f):
    _, pictures, _ = f.judge.visual(f.files, f.read("root-visual.der"))
    sizes = {0xDF25: (120, 24), 0xDF26: (408, 24), 0xDF2A: (24, 12), 0xDF41: (72, 12)}
    for tag, expected in sizes.items():
        width, height, rows = card_judge.picture(pictures[tag])
        assert (width, height) == expected, (hex(tag), width, height)
        ink = sum(row.count(0) for row in rows) / (width * height)
        assert 0.08 < ink < 0.5, (hex(tag), ink)


@test
def equal_digits_look_equal_and_others_do_not(f):
    """1234567890 and 18 of the number, six pixels each."""
    _, pictures, _ = f.judge.visual(f.files, f.read("root-visual.der"))
    _, _, rows = card_judge.picture(pictures[0xDF41])
    cells = [tuple(tuple(row[6 * i : 6 * i + 6]) for row in rows) for i in range(12)]
    assert cells[10] == cells[0] and cells[11] == cells[7]
    assert len(set(cells)) == 10


@test
def the_photo_is_a_grey_picture_for_openjpeg(f):
    _, pictures, _ = f.judge.visual(f.files, f.read("root-visual.der"))
    width, height, pixels = f.judge.photo(pictures[0xDF27])
    assert (width, height) == (240, 308)
    # light above, dark clothes with the mark below
    assert sum(pixels[: width * 20]) / (width * 20) > 215
    assert min(pixels[width * 230 : width * 300]) < 45
    assert b"OpenJPKI TEST" in pictures[0xDF27]


main(Fixture)

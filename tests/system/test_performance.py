#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/performance writes the page and plots of what jpki-bench has printed."""
import json
import os
import xml.etree.ElementTree as ElementTree

from harness import Directory, main, read_text, run, test

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SCRIPT = os.path.join(ROOT, "scripts", "performance")
PLOTS = ("goals.svg", "peers.svg")
PAGE = "# Before\n\n<!-- measured: begin -->\nold\n<!-- measured: end -->\n\nAfter\n"
RESULTS = (
    {"name": "issue", "ours": 500.0, "peer": 250.0, "limit": None, "ratio_peer": 2.0, "ratio_limit": None,
     "min": 490.0, "max": 520.0, "unit": "us", "note": "a <note> & more",
     "goals": [{"what": "of the rate", "ratio": 0.5, "at_least": 0.4, "met": True},
               {"what": "times as long", "ratio": 2.0, "at_most": 1.25, "met": False}]},
    {"name": "start", "ours": 3.0, "peer": None, "limit": 10.0, "ratio_peer": None, "ratio_limit": 0.3,
     "min": None, "max": None, "unit": "s", "note": "alone", "goals": []},
)
SVG = "{http://www.w3.org/2000/svg}"


class Fixture:
    def __init__(self):
        self.dir = Directory()

    def write(self, page=PAGE, results=RESULTS):
        with open(self.dir.file("performance.md"), "w", encoding="utf-8") as f:
            f.write(page)
        with open(self.dir.file("results"), "w", encoding="utf-8") as f:
            f.write("measuring ...\n" + "".join(json.dumps(row) + "\n" for row in results))

    def make(self, check=True):
        return run(SCRIPT, "--results", self.dir.file("results"), "--out", self.dir.path, check=check)

    def page(self):
        return read_text(self.dir.file("performance.md"))

    def plot(self, name):
        return ElementTree.parse(os.path.join(self.dir.path, "performance", name)).getroot()

    def plots(self):
        return [read_text(os.path.join(self.dir.path, "performance", name)) for name in PLOTS]

    def draw(self, check=True):
        return run(SCRIPT, "--plots", "--out", self.dir.path, check=check)

    def close(self):
        self.dir.close()


@test
def without_results_or_marks_nothing_is_written(fixture):
    fixture.write(results=())
    assert fixture.make(check=False).returncode != 0
    assert fixture.page() == PAGE
    fixture.write(page="# No marks\n")
    assert fixture.make(check=False).returncode != 0
    assert fixture.page() == "# No marks\n"


@test
def the_table_is_replaced_and_the_rest_stays(fixture):
    fixture.write()
    for _ in range(2):  # doing it again changes nothing
        fixture.make()
        page = fixture.page()
        assert page.startswith("# Before\n") and page.endswith("\n\nAfter\n")
        assert "old" not in page
        assert page.count("| `issue` | 500 us (490 to 520) | 250 |") == 1
        assert "| `issue` | at least 0.4 of the rate | 0.5 | met |" in page
        assert "| `issue` | at most 1.25 times as long | 2 | **not met** |" in page
        assert "| `start` | 3 s |  | 10 |" in page
        assert os.uname().nodename not in page


@test
def plots_have_a_bar_for_each_row_and_tell_what_was_missed(fixture):
    fixture.write()
    fixture.make()
    bars = [rect for rect in fixture.plot("goals.svg").iter(SVG + "rect")][1:]
    assert [bar.get("fill") for bar in bars] == ["#2a7f62", "#c0392b"]
    words = [text.text for text in fixture.plot("peers.svg").iter(SVG + "text")]
    assert "issue" in words and "start" not in words


@test
def plots_are_drawn_again_from_the_tables_of_the_page(fixture):
    fixture.write(page="# No marks\n")
    assert fixture.draw(check=False).returncode != 0
    fixture.write()
    fixture.make()
    page, plots = fixture.page(), fixture.plots()
    fixture.draw()
    assert fixture.page() == page and fixture.plots() == plots
    fixture.write(page=page.replace("the rate | 0.5 | met |", "the rate | 0.2 | **not met** |"))
    fixture.draw()
    bars = [rect for rect in fixture.plot("goals.svg").iter(SVG + "rect")][1:]
    assert [bar.get("fill") for bar in bars] == ["#c0392b", "#c0392b"]


@test
def the_plots_beside_the_page_of_this_tree_show_its_tables(fixture):
    fixture.write(page=read_text(os.path.join(ROOT, "docs", "performance.md")))
    fixture.draw()
    assert fixture.plots() == [read_text(os.path.join(ROOT, "docs", "performance", name)) for name in PLOTS]


main(Fixture)

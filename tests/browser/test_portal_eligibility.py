#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The portal's page of lookups by clinics, in Chromium: what a clinic did with the card is there, and a consent ends
where its button is pressed."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../system"))

from driver import NARROWEST, quiet  # noqa: E402 pylint: disable=wrong-import-position
from harness import main, program, test  # noqa: E402 pylint: disable=wrong-import-position
from test_portal import PIN, Shown, english_alone  # noqa: E402 pylint: disable=wrong-import-position

BUTTON = "見本内科クリニック（試験用） による「薬剤・診療の情報」の閲覧への同意を取りやめる"


class Visited(Shown):
    def clinic(self, *words, expect=0):
        """jpki-clinic at the desk of the sandbox's clinic."""
        done = subprocess.run([program("jpki-clinic"), *words], input=PIN.encode(), env=self.env | {"LC_ALL": "C"},
                              capture_output=True, timeout=120, check=False)
        assert done.returncode == expect, done
        return done.stdout.decode()

    def seen(self, width=1280):
        driver = self.inside()
        driver.width(width=width)
        driver.visit(path="start")
        driver.visit(path="eligibility")
        driver.settle()
        return driver


@test
def without_a_lookup_the_page_says_so(shown):
    driver = shown.seen()
    driver.wait(text="まだ記録はありません。")
    assert driver.axe() == []
    quiet(driver)


@test
def a_lookup_is_there_with_how_and_what_for(shown):
    shown.use()
    shown.lookup = json.loads(shown.clinic("check", "--json", "--consent", "medicine,cost", "--pin-fd", "0"))["lookup"]
    shown.clinic("read", shown.lookup, "medicine", "--json")
    shown.clinic("check", "--photo", "--yes", "--consent", "none")
    driver = shown.seen()
    driver.wait(text="見本内科クリニック（試験用）")
    first, second = driver.texts(at="main .cards > li")
    assert "顔写真" in first and "受付" in first and "資格だけが伝わりました" in first, first
    assert "暗証番号" in second and "薬剤・診療の情報" in second and "医療費の情報" in second, second
    assert driver.axe() == []
    quiet(driver)


@test
def it_fits_the_narrowest_screen_and_is_english_too(shown):
    driver = shown.seen(width=NARROWEST)
    driver.wait(text="見本内科クリニック（試験用）")
    assert driver.run(script="document.documentElement.scrollWidth") <= NARROWEST
    assert driver.axe() == []
    driver.click(role="button", name="English")
    driver.wait(text="Sample Clinic (TEST)")
    english_alone(driver)
    assert driver.axe() == []
    driver.click(role="button", name="日本語")
    quiet(driver)


@test
def a_consent_ends_where_its_button_is_pressed(shown):
    driver = shown.seen()
    driver.click(role="button", name=BUTTON)
    driver.wait(text="これから閲覧できなくなります")
    assert driver.axe() == []
    driver.press(key="Escape")
    shown.clinic("read", shown.lookup, "medicine", "--json")
    driver.click(role="button", name=BUTTON)
    driver.confirm()
    driver.wait(text="取りやめ済み")
    shown.clinic("read", shown.lookup, "medicine", "--json", expect=4)
    shown.clinic("read", shown.lookup, "cost", "--json")
    quiet(driver)


if __name__ == "__main__":
    main(Visited)

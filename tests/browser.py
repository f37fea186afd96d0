"""Pages in a browser: Debian's Chromium without a screen, driven by playwright.

It is taken from where the machine has it, or installed with apt where that can be done; a test asks
for the fixture ``browser`` (``conftest.py``), which skips with the reason where there is none.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = (1440, 1024, 390)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


A4_LANDSCAPE = round((297 - 2 * 12) / 25.4 * 96)
"""CSS pixels between the margins of a printed page."""


class Unavailable(Exception):
    """Why there is no browser."""


def chromium() -> str:
    """The path of Chromium, installed first where root can do so. Raises Unavailable."""
    # One process of a test run installs it, the others wait.
    with (Path(tempfile.gettempdir()) / "chromium-of-the-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return shutil.which("chromium") or _installed()


def _installed() -> str:
    if not shutil.which("apt-get") or os.geteuid() != 0:
        raise Unavailable(
            "there is no chromium, and it cannot be installed: no apt-get, or no root"
        )
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
    for command in (["update"], install):
        done = subprocess.run(["apt-get", *command], capture_output=True, text=True, env=quiet)
        if done.returncode:
            raise Unavailable(f"apt-get {command[0]}: {done.stderr.strip()[-300:]}")
    return shutil.which("chromium") or ""


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """A running browser. Raises Unavailable."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page as it stands open, and what went wrong in it."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """What axe objects to, in words."""
        return [
            f"{found['id']}: {node['html'][:120]}"
            for found in Axe().run(self.page).response["violations"]
            for node in found["nodes"]
        ]

    def cut_on_paper(self) -> list[str]:
        """What reaches beyond the right margin in print, opened as wide as ``A4_LANDSCAPE``."""
        self.page.emulate_media(media="print")
        self.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        found: list[str] = self.page.evaluate(
            """width => [...document.querySelectorAll("main *")]
            .filter((part) => part.getBoundingClientRect().right > width + 1 && part.offsetParent)
            .map((part) => part.outerHTML.slice(0, 100))""",
            A4_LANDSCAPE,
        )
        return found


@contextlib.contextmanager
def opened(
    browser: Browser, path: Path, width: int = 1440, scheme: str = "light"
) -> Iterator[Opened]:
    """A page by its file, with its chart drawn; faults: errors, and requests of any kind."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
    )
    page = context.new_page()
    found = Opened(page)
    page.on("pageerror", lambda error: found.faults.append(f"error: {error}"))
    grave = ("error", "warning")
    page.on("console", lambda said: said.type in grave and found.faults.append(said.text))
    own = f"file://{path}"
    page.on(
        "request",
        lambda asked: (
            asked.url.startswith(("data:", "blob:", own))
            or found.faults.append(f"asked for {asked.url[:100]}")
        ),
    )
    page.goto(own)
    if page.locator("#chart").count():
        page.wait_for_selector("#chart[data-ready]")
    yield found
    context.close()

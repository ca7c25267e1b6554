"""Reading and writing without threads, on a real pty: nothing waits for a terminal that does not read, and what it gets
is whole and in order."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from textual import events
from textual.drivers.linux_driver import LinuxDriver

from voipe_tui.ui.terminal.straight import straight

FRAMES = [f"\x1b[{n + 1}H" + "╳" * 2_000 for n in range(25)]
"""More than any terminal takes without reading, less than the thread's queue holds."""


class Heard:
    """Stands for the app: notes what the driver tells it."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.came = asyncio.Event()

    def post_message(self, message: Any) -> bool:
        self.messages.append(message)
        self.came.set()
        return True

    async def _post_message(self, message: Any) -> bool:
        return self.post_message(message)

    @property
    def keys(self) -> list[str]:
        return [message.key for message in self.messages if isinstance(message, events.Key)]

    async def wait_for(self, keys: list[str]) -> None:
        async with asyncio.timeout(5):
            while self.keys != keys:
                self.came.clear()
                await self.came.wait()


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The terminal's end of a pty; the program's stands for standard input and error."""
    ours, theirs = pty.openpty()
    with os.fdopen(os.dup(theirs), "r") as read, os.fdopen(os.dup(theirs), "w") as written:
        monkeypatch.setattr(sys, "__stdin__", read)
        monkeypatch.setattr(sys, "__stderr__", written)
        yield ours
    os.close(theirs)
    os.close(ours)


def _read_until(fd: int, end: bytes) -> bytes:
    data = b""
    while end not in data:
        data += os.read(fd, 65_536)
    return data


def _driver(heard: Heard) -> Any:
    driver: Any = straight(LinuxDriver)(heard)  # type: ignore[arg-type]
    driver.start_application_mode()
    return driver


def test_a_terminal_that_does_not_read_holds_nothing_up(ends: int) -> None:
    async def frames() -> None:
        driver = _driver(Heard())
        for frame in FRAMES:
            driver.write(frame)  # nobody reads yet
        got: list[bytes] = []
        reader = threading.Thread(target=lambda: got.append(_read_until(ends, b"\x1b[?1004l")))
        reader.start()
        driver.write("after")
        driver.stop_application_mode()
        driver.close()
        reader.join()
        written = got[0].decode()
        assert written.count("".join(FRAMES) + "after") == 1

    asyncio.run(frames())


def test_a_frame_and_its_brackets_are_one_write(ends: int) -> None:
    async def frames() -> None:
        driver = _driver(Heard())
        driver.write("begun")
        _read_until(ends, b"begun")
        for data in ("\x1b[?2026h", "\x1b[1Hone", "\x1b[?2026l", "\x1b[?2026h", "", "\x1b[?2026l", "two"):
            driver.write(data)
        assert _read_until(ends, b"two") == b"\x1b[?2026h\x1b[1Hone\x1b[?2026ltwo"
        driver.disable_input()
        driver.close()

    asyncio.run(frames())


def test_keys_come_in_and_an_escape_waits_for_its_rest(ends: int) -> None:
    async def keys() -> None:
        heard = Heard()
        driver = _driver(heard)
        os.write(ends, "jש".encode()[:2])
        await heard.wait_for(["j"])
        os.write(ends, "ש".encode()[1:] + b"\x1b[A\x1b")
        await heard.wait_for(["j", "ש", "up", "escape"])
        driver.disable_input()
        driver.start_application_mode()  # as after an editor
        os.write(ends, b"k")
        await heard.wait_for(["j", "ש", "up", "escape", "k"])
        driver.disable_input()
        driver.close()

    asyncio.run(keys())


def test_the_end_of_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def end() -> None:
        inside, outside = os.pipe()
        with os.fdopen(inside, "r") as read:
            monkeypatch.setattr(sys, "__stdin__", read)
            ended = asyncio.Event()
            driver = _driver(Heard())
            driver.when_input_ends = ended.set
            os.close(outside)
            await asyncio.wait_for(ended.wait(), 5)
            driver.disable_input()
            driver.close()

    asyncio.run(end())


def test_a_terminal_that_is_gone_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gone() -> None:
        ours, theirs = pty.openpty()
        with os.fdopen(os.dup(theirs), "r") as read, os.fdopen(theirs, "w") as written:
            monkeypatch.setattr(sys, "__stdin__", read)
            monkeypatch.setattr(sys, "__stderr__", written)
            driver = _driver(Heard())
            os.close(ours)
            for frame in FRAMES * 4:  # more than the thread's queue holds
                driver.write(frame)
            driver.stop_application_mode()
            driver.close()

    asyncio.run(asyncio.wait_for(gone(), 20))

"""The person's own editor: a real program with a real file, and every way in which it may fail."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from textual.app import App

from tests.ui.conftest import World, opened
from voipe_tui.errors import ConfigError, InputError
from voipe_tui.ui.compose.editor import edit_in, editor_command

SCRIPT = """
import os, stat, sys
path = sys.argv[-1]
mode = stat.S_IMODE(os.stat(path).st_mode), stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode)
text = open(path, encoding="utf-8", newline="").read()
open({seen!r}, "w").write(f"{{path}}|{{mode}}")
{do}
"""


def editor(folder: Path, do: str) -> list[str]:
    script = folder / "editor.py"
    script.write_text(SCRIPT.format(seen=str(folder / "seen"), do=do), encoding="utf-8")
    return [sys.executable, str(script), "--wait"]


async def test_the_text_comes_back_whole_and_nothing_stays_behind(tmp_path: Path) -> None:
    command = editor(tmp_path, 'open(path, "w", encoding="utf-8").write(text + " עולם 😀\\nmore\\n")')
    assert await edit_in(command, "שלום") == "שלום עולם 😀\nmore"
    path, mode = (tmp_path / "seen").read_text().split("|")
    assert mode == str((0o600, 0o700))
    assert not Path(path).parent.exists()


@pytest.mark.parametrize(
    ("do", "said"),
    [
        ("sys.exit(3)", "ended with code 3"),
        ('open(path, "wb").write(b"\\xff\\xfe\\x00")', "not UTF-8"),
        ("os.unlink(path)", "did not work"),
        ('open(path, "w").write("x" * 1_000_001)', "longer than any message"),
    ],
)
async def test_a_failing_editor_changes_nothing(tmp_path: Path, do: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        await edit_in(editor(tmp_path, do), "before")
    path = (tmp_path / "seen").read_text().split("|")[0]
    assert not Path(path).parent.exists()


async def test_an_emptied_file_is_told_and_taken_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", " ".join(editor(tmp_path, 'open(path, "w").close()')))
    monkeypatch.setattr(App, "suspend", lambda app: nullcontext())  # there is no terminal to hand over
    async with world.running() as run:
        form = await opened(run)
        await run.press("tab")
        await run.paste("Not to be lost")
        await run.press("f6")
        await run.until(lambda: "The editor left nothing; ctrl+z brings back what was there." in run.text())
        assert form.text.text == ""
        await run.press("ctrl+z")
        assert form.text.text == "Not to be lost"


def test_the_editor_is_the_persons_choice() -> None:
    path = str(Path(sys.executable).parent)
    name = Path(sys.executable).name
    assert editor_command({"VISUAL": f"{name} -u 'a b'", "EDITOR": "x", "PATH": path}) == [name, "-u", "a b"]
    assert editor_command({"VISUAL": " ", "EDITOR": name, "PATH": path}) == [name]
    with pytest.raises(ConfigError, match="not there"):
        editor_command({"EDITOR": "no-such-editor", "PATH": path})
    with pytest.raises(ConfigError, match="quote"):
        editor_command({"EDITOR": "vi 'x", "PATH": path})
    with pytest.raises(ConfigError, match="no editor"):
        editor_command({"PATH": "/nonexistent"})

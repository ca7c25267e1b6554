"""The layers hold at run time too: a fresh interpreter imports each one and tells what came with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

ALONE = {
    "voipe_tui.errors": {"voipe_tui.errors"},
    "voipe_tui.text": {"voipe_tui.errors", "voipe_tui.text"},
    "voipe_tui.client": {"voipe_tui.errors", "voipe_tui.text", "voipe_tui.client"},
    "voipe_tui.config": {"voipe_tui.errors", "voipe_tui.config"},
    "voipe_tui.store": {"voipe_tui.errors", "voipe_tui.text", "voipe_tui.store"},
    "voipe_tui.sandbox": {"voipe_tui.errors", "voipe_tui.text", "voipe_tui.sandbox"},
}
ENTRY = {
    "voipe_tui.client": "from voipe_tui.client import GatewayClient",
    "voipe_tui.sandbox": "from voipe_tui.sandbox import Sandbox",
    "voipe_tui.store": "from voipe_tui.store import Store",
}


def modules_after(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("layer", ALONE)
def test_a_layer_brings_only_what_it_may_know(layer: str):
    loaded = modules_after(ENTRY.get(layer, f"import {layer}"))
    ours = {".".join(name.split(".")[:2]) for name in loaded if name.startswith("voipe_tui.")}
    assert ours <= ALONE[layer]
    assert not any(name.split(".")[0] in ("textual", "rich") for name in loaded)
    if layer != "voipe_tui.client":
        assert "httpx" not in loaded


def test_the_command_line_paints_before_it_imports_the_network():
    loaded = modules_after("import voipe_tui.cli")
    heavy = {"textual", "httpx", "starlette", "phonenumbers", "bidi", "voipe_tui.ui", "voipe_tui.sandbox"}
    assert not heavy & loaded


def test_the_screens_do_not_import_the_network():
    loaded = modules_after("import voipe_tui.ui.app")
    assert not {"httpx", "phonenumbers", "starlette", "voipe_tui.sync"} & loaded


def test_the_network_comes_without_a_command_line_of_its_own():
    loaded = modules_after("import voipe_tui.client.http_wire\nimport click; del sys.modules['click']")
    assert "httpx" in loaded
    assert not {"httpx._main", "pygments", "rich"} & loaded

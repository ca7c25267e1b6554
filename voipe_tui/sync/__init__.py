"""Joins client and store. Imports the client, so a program that paints first imports this after its first paint."""

from voipe_tui.sync.engine import Engine
from voipe_tui.sync.health import Health, Link
from voipe_tui.sync.settings import SyncSettings

__all__ = ["Engine", "Health", "Link", "SyncSettings"]

"""The terminal console for an SMS account on a playSMS gateway."""

__version__ = "0.1.0"

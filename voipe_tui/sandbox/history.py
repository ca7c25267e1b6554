"""Made-up finished messages for measuring: many different ones from few strings, so that a million stay small."""

from __future__ import annotations

import random

from voipe_tui.sandbox.model import DELIVERED, FAILED

_NAMES = ["Dana", "Yossi", "Maya", "Avi", "Noa", "Eitan", "Tamar", "Omer", "דנה", "יוסי", "מאיה", "אבי", "נועה", "תמר"]
_TEXTS = [
    "Hi {name}, your appointment is on {day}/{month} at {hour}:00. Reply 1 to confirm.",
    "{name}, your order {order} is ready for pickup until {hour}:00.",
    "Your code is {order}. It is valid for 10 minutes.",
    "{name}, the courier arrives today between {hour}:00 and {hour}:30.",
    "שלום {name}, תזכורת לתור בתאריך {day}/{month} בשעה {hour}:00.",
    "{name}, ההזמנה {order} מוכנה לאיסוף.",
    "קוד האימות שלך: {order}",
    "היי {name}, השליח יגיע היום עד השעה {hour}:00",
]


class HistoryText:
    """Rows by index: number, text, final status; the same for the same seed."""

    def __init__(self, seed: int, *, different_texts: int = 20_000, different_numbers: int = 50_000) -> None:
        chance = random.Random(f"{seed}:history")  # noqa: S311
        self._numbers = [f"05{chance.choice('0234578')}{chance.randrange(10**7):07d}" for _ in range(different_numbers)]
        self._texts = [
            chance.choice(_TEXTS).format(
                name=chance.choice(_NAMES),
                day=chance.randint(1, 28),
                month=chance.randint(1, 12),
                hour=chance.randint(8, 19),
                order=chance.randrange(100_000, 1_000_000),
            )
            for _ in range(different_texts)
        ]

    def row(self, index: int) -> tuple[str, str, int]:
        """The number, text and status of one row. Strides that share no factor with the sizes mix the two lists."""
        number = self._numbers[index * 7919 % len(self._numbers)]
        text = self._texts[index * 104_729 % len(self._texts)]
        return number, text, FAILED if index % 37 == 11 else DELIVERED

"""Small things worth remembering about a gateway: credit, account data, capabilities, how far each list was read."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation

from voipe_tui.store.database import Database
from voipe_tui.store.models import AccountInfo, Source

_MOST_CROWDS = 100
_ACCOUNT = ("username", "name", "email", "mobile")


CLOCK_AHEAD = "clock.ahead"
"""Seconds that the gateway's clock is ahead of ours, by the ``timestamp`` of its answers."""
HEADING, FOOTER = "heading", "footer"
"""What the gateway puts before and below every text by itself, learned from a message whose ID was known."""
REWRITES = "rewrites"
"""Set where the gateway was seen to make another text of ours, one in which ours cannot be recognised."""

_CREDIT_SECONDS = 60.0
_HAD_CREDIT = "account.had_credit"


class Facts:
    """Named values, each a string in the database and a proper type outside."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._credit_heard: float | None = None

    def get(self, name: str) -> str | None:
        row = self._db.row("SELECT value FROM fact WHERE name = ?", (name,))
        return None if row is None else str(row[0])

    def set(self, name: str, value: str | None) -> None:
        with self._db.write():
            if value is None:
                self._db.connection.execute("DELETE FROM fact WHERE name = ?", (name,))
            else:
                self._db.connection.execute(
                    "INSERT INTO fact VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
                )

    def get_int(self, name: str, default: int = 0) -> int:
        value = self.get(name)
        return default if value is None else int(value)

    def get_float(self, name: str) -> float | None:
        value = self.get(name)
        return None if value is None else float(value)

    # How far a list was read

    def epoch(self, source: Source) -> int:
        """The current history of a list; a new one begins when the gateway's IDs restart (trap 25)."""
        return self.get_int(f"epoch.{source}", 1)

    def open_epoch(self, source: Source) -> int:
        """A new history: the old rows stay as they are, and reading begins anew."""
        with self._db.write(durable=False):
            new = self.epoch(source) + 1
            self.set(f"epoch.{source}", str(new))
            for name in ("seen", "top", "mark", "backfill", "gaps", "crowds"):
                self.set(f"{name}.{source}", None)
        return new

    def seen_id(self, source: Source) -> int:
        """The highest ID that a listing of the current epoch has shown."""
        return self.get_int(f"seen.{source}")

    def saw_id(self, source: Source, gateway_id: int) -> None:
        if gateway_id > self.seen_id(source):
            self.set(f"seen.{source}", str(gateway_id))

    def top_id(self, source: Source) -> int:
        """The highest ID that the gateway was heard of in the current epoch, from lists and from ``query``."""
        return max(self.seen_id(source), self.get_int(f"top.{source}"))

    def note_top(self, source: Source, gateway_id: int) -> None:
        """``query`` named the last ID of a list whose rows we may not have seen."""
        if gateway_id > self.get_int(f"top.{source}"):
            self.set(f"top.{source}", str(gateway_id))

    def lower_seen_id(self, source: Source, gateway_id: int) -> None:
        """The gateway's newest rows were deleted there: what is above this ID is new again."""
        self.set(f"seen.{source}", str(gateway_id))

    def crowds(self, source: Source) -> dict[str, tuple[float, bool]]:
        """Seconds of the gateway's time with more rows than it gives at once: when each was gone through (epoch
        seconds), and whether all of its rows could be read."""
        known = json.loads(self.get(f"crowds.{source}") or "{}")
        return {second: (float(at), bool(whole)) for second, (at, whole) in known.items()}

    def note_crowd(self, source: Source, second: str, at: float, *, whole: bool) -> None:
        known = self.crowds(source)
        known.pop(second, None)
        # One that is not whole stays known: it has to be said.
        settled = [each for each, (_, is_whole) in known.items() if is_whole]
        for each in settled[: max(0, len(settled) - _MOST_CROWDS)]:
            del known[each]
        with self._db.write() as changes:
            self.set(f"crowds.{source}", json.dumps({**known, second: (at, whole)}))
            changes.account = True

    def unreadable(self) -> list[tuple[Source, str]]:
        """Lists and seconds (the gateway's time) with rows that it has and does not show."""
        sources: tuple[Source, ...] = ("outgoing", "inbox", "incoming")
        return [(each, second) for each in sources for second, (_, whole) in self.crowds(each).items() if not whole]

    # Account

    def account(self) -> AccountInfo:
        status = self.get("account.status")
        capabilities = {
            str(name)[len("can.") :]: value == "yes"
            for name, value in self._db.rows("SELECT name, value FROM fact WHERE name GLOB 'can.*' ORDER BY name")
        }
        return AccountInfo(
            credit=self.credit(),
            credit_at=self.credit_at(),
            username=self.get("account.username") or "",
            name=self.get("account.name") or "",
            email=self.get("account.email") or "",
            mobile=self.get("account.mobile") or "",
            status=None if status is None else int(status),
            capabilities=capabilities,
        )

    def credit(self) -> Decimal | None:
        """What was left when the gateway was last asked; None if it never said."""
        return _decimal(self.get("account.credit"))

    def credit_at(self) -> float | None:
        """When the gateway said last what is left (epoch seconds)."""
        written, heard = self.get_float("account.credit_at"), self._credit_heard
        recent = heard is not None and written is not None and abs(heard - written) < _CREDIT_SECONDS
        return heard if recent else written

    def set_credit(self, amount: Decimal, at: float) -> bool:
        """What is left now; kept with its history whenever it moved. True if it did.

        That it is still the same is written once a minute: a poll with nothing new writes nothing to the disk.
        """
        before = self.credit()
        moved = before != amount
        self._credit_heard = at
        written = self.get_float("account.credit_at")
        if not moved and written is not None and abs(at - written) < _CREDIT_SECONDS:
            return False
        with self._db.write() as changes:
            self.set("account.credit_at", repr(at))
            if moved:
                if max(amount, before or 0) > 0:
                    self.set(_HAD_CREDIT, "yes")
                self.set("account.credit", str(amount))
                self._db.connection.execute(
                    "INSERT INTO credit VALUES (?, ?) ON CONFLICT DO UPDATE SET amount = excluded.amount",
                    (at, str(amount)),
                )
            changes.account = changes.account or moved
        return moved

    def has_run_out(self) -> bool:
        """Whether there was credit and it is gone. Where it was 0 ever since, the account may not be charged at all:
        servers without prices (all three that were recorded) say 0 and send."""
        credit = self.credit()
        return credit is not None and credit <= 0 and self.get(_HAD_CREDIT) is not None

    def price(self) -> Decimal | None:
        """What a part costs, learned from how the credit moved; None until it was learned."""
        return _decimal(self.get("price.part"))

    def most_bytes(self) -> int | None:
        """Where the gateway was seen to cut a text, in bytes of UTF-8; None while it was not."""
        return self.get_int("text.most_bytes") or None

    def set_account(self, *, username: str, name: str, email: str, mobile: str, status: int | None) -> None:
        values = {"username": username, "name": name, "email": email, "mobile": mobile}
        current = self.account()
        if all(getattr(current, key) == values[key] for key in _ACCOUNT) and current.status == status:
            return
        with self._db.write() as changes:
            for key, value in values.items():
                self.set(f"account.{key}", value)
            self.set("account.status", None if status is None else str(status))
            changes.account = True

    def capability(self, name: str) -> bool | None:
        """Whether this gateway knows an operation; None until it was tried."""
        value = self.get(f"can.{name}")
        return None if value is None else value == "yes"

    def forget_capability(self, name: str) -> None:
        """It is not certain any more whether this gateway knows the operation."""
        self.set(f"can.{name}", None)

    def set_capability(self, name: str, able: bool) -> None:
        if self.capability(name) is not able:
            with self._db.write() as changes:
                self.set(f"can.{name}", "yes" if able else "no")
                changes.account = True


def _decimal(value: str | None) -> Decimal | None:
    try:
        return None if value is None else Decimal(value)
    except InvalidOperation:
        return None

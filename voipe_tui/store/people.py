"""Who one writes to: contacts and groups as the gateway listed them, and people written to before.

For completion while somebody types, so each question is a range of an index, whatever the size of the phone book: every
name is kept under each of its words (``contact_word``), and numbers are looked for from one distinct key to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from voipe_tui.store.database import Database
from voipe_tui.text.numbers import number_key
from voipe_tui.text.search_fold import digits_of, fold_for_search

_RECENT: Final = 600
_FOUND: Final = 200
_LOOKED_THROUGH: Final = 2_000
_LAST: Final = "\U0010ffff"


class Person(NamedTuple):
    """A suggestion. ``to`` is what goes into the field: E.164, the number as it came, ``@user`` or ``#CODE``; ``name``
    may be empty; ``last_at`` is when something was sent there last, None for never as far as is known."""

    to: str
    name: str
    last_at: float | None = None


class Entry(NamedTuple):
    """A line of the phone book."""

    number: str
    name: str
    email: str
    tags: str


class People:
    """The address side of the store."""

    def __init__(self, database: Database, region: str) -> None:
        self._db = database
        self._region = region

    # Learning

    def remember(self, contacts: Iterable[tuple[str, str, int | None, str, str]]) -> None:
        """Contacts as the gateway lists them: (number, name, ID, e-mail, tags). Their names go with messages."""
        now, execute = self._db.clock(), self._db.connection.execute
        with self._db.write() as changes:
            for number, name, gateway_id, email, tags in contacts:
                key = number_key(number, self._region)
                known = self._db.row("SELECT name, number, email, tags FROM contact WHERE key = ?", (key,))
                if known == (name, number, email, tags) and self._has_words(key, name):
                    continue
                execute(
                    "INSERT OR REPLACE INTO contact (key, number, name, gateway_id, email, tags, seen_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (key, number, name, gateway_id, email, tags, now),
                )
                self._put_words(key, str(known[0]) if known else "", name)
                changes.everything = True

    def remember_groups(self, groups: Iterable[tuple[str, str, int | None]]) -> None:
        """Groups as the gateway lists them: (code, name, ID)."""
        now = self._db.clock()
        with self._db.write() as changes:
            for code, name, gateway_id in groups:
                known = self._db.row("SELECT name FROM contact_group WHERE code = ?", (code,))
                if known == (name,) and self._has_words(f"#{code}", name):
                    continue
                self._db.connection.execute(
                    "INSERT OR REPLACE INTO contact_group (code, name, gateway_id, seen_at) VALUES (?, ?, ?, ?)",
                    (code, name, gateway_id, now),
                )
                self._put_words(f"#{code}", str(known[0]) if known else "", name)
                changes.account = True

    def _has_words(self, key: str, name: str) -> bool:
        words = _words(name)
        mark = (words[0], key) if words else None
        return mark is None or bool(self._db.row("SELECT 1 FROM contact_word WHERE word = ? AND key = ?", mark))

    def _put_words(self, key: str, before: str, name: str) -> None:
        execute = self._db.connection.executemany
        execute("DELETE FROM contact_word WHERE word = ? AND key = ?", [(word, key) for word in _words(before)])
        execute("INSERT OR IGNORE INTO contact_word (word, key) VALUES (?, ?)", [(word, key) for word in _words(name)])

    # Asking

    def called(self, name: str) -> list[str]:
        """The numbers of the contacts with exactly this name; case and accents make no difference."""
        folded = fold_for_search(name)
        rows = self._db.rows(
            "SELECT c.key, c.number, c.name FROM contact_word w JOIN contact c ON c.key = w.key WHERE w.word = ? "
            "ORDER BY c.key LIMIT 20",
            (folded,),
        )
        return [_to(str(key), str(number)) for key, number, full in rows if fold_for_search(str(full)) == folded]

    def name_of(self, key: str) -> str | None:
        """The contact's or group's (``#CODE``) name."""
        if key.startswith("#"):
            row = self._db.row("SELECT name FROM contact_group WHERE code = ? COLLATE NOCASE", (key[1:],))
        else:
            row = self._db.row("SELECT name FROM contact WHERE key = ?", (key,))
        return str(row[0]) if row else None

    def book(self, typed: str = "") -> list[Entry]:
        """The whole phone book by name, or those whose name has a word beginning so or whose number has the digits."""
        folded, digits = fold_for_search(typed).strip(), digits_of(typed)
        rows = self._db.rows("SELECT number, name, email, tags FROM contact ORDER BY name, number")
        entries = [Entry(*map(str, row)) for row in rows]
        if not folded:
            return entries
        return [
            each
            for each in entries
            if any(word.startswith(folded) for word in _words(each.name))
            or (digits and digits.removeprefix("0") in digits_of(each.number))
        ]

    def groups(self, typed: str = "") -> list[tuple[str, str]]:
        """Code and name of every group that one can send to, or of those that begin so."""
        folded = fold_for_search(typed).strip()
        rows = self._db.rows("SELECT code, name FROM contact_group ORDER BY code")
        return [
            (str(code), str(name))
            for code, name in rows
            if not folded
            or fold_for_search(str(code)).startswith(folded)
            or any(word.startswith(folded) for word in _words(str(name)))
        ]

    def recent(self) -> dict[str, Person]:
        """Who was written to lately, by key, the latest first. Good for one spell of typing, then asked for anew."""
        rows = self._db.rows(
            "SELECT m.key, m.number, m.sort_at, c.name FROM message m LEFT JOIN contact c ON c.key = m.key "
            "WHERE m.direction = 'out' AND m.archived = 0 AND m.deleted = 0 AND m.status NOT IN ('draft', 'cancelled') "
            "ORDER BY m.sort_at DESC, m.id DESC LIMIT ?",
            (_RECENT,),
        )
        found: dict[str, Person] = {}
        for key, number, at, name in rows:
            to = _to(str(key), str(number))
            if to[:1] in "+@#" or to.isdigit():
                found.setdefault(str(key), Person(to, str(name or ""), float(str(at))))
        return found

    def texts_sent(self, limit: int = 200) -> list[tuple[str, float]]:
        """Texts that were sent lately, each once, with when it was sent last; the newest first."""
        rows = self._db.rows(
            "SELECT text, sort_at FROM message WHERE direction = 'out' AND archived = 0 AND deleted = 0 "
            "AND status NOT IN ('draft', 'cancelled') ORDER BY sort_at DESC, id DESC LIMIT ?",
            (_LOOKED_THROUGH,),
        )
        latest: dict[str, float] = {}
        for text, at in rows:
            latest.setdefault(str(text), float(str(at)))
        return list(latest.items())[:limit]

    def complete(self, typed: str, recent: dict[str, Person], limit: int = 6) -> list[Person]:
        """Who may be meant by the beginning of a name, a number, a ``#CODE`` or an ``@user``: those written to before
        first, the latest at the top, then by name. An empty text: just who was written to lately."""
        typed = typed.strip()
        if not typed:
            return list(recent.values())[:limit]
        if typed[0] == "#":
            found = self._groups(typed[1:])
        elif typed[0] == "@":
            found = {}
        elif digits_of(typed) and not any(character.isalpha() for character in typed):
            found = self._numbered(typed)
        else:
            found = {**self._named(fold_for_search(typed)), **self._groups(typed)}
        wanted = self._wanted(typed)
        late = {key: person for key, person in recent.items() if key in found or wanted(key, person)}
        rest = sorted((p for key, p in found.items() if key not in late), key=lambda p: (not p.name, p.name, p.to))
        return [*late.values(), *rest][:limit]

    def _wanted(self, typed: str) -> Callable[[str, Person], bool]:
        """Whether somebody of the recent ones is meant; these are few and in memory."""
        folded = fold_for_search(typed)
        if prefixes := self._prefixes(typed):
            return lambda key, person: key.startswith(prefixes)
        return lambda key, person: key.startswith(folded) or any(w.startswith(folded) for w in _words(person.name))

    def _named(self, folded: str) -> dict[str, Person]:
        rows = self._db.rows(
            "SELECT c.key, c.number, c.name FROM contact_word w JOIN contact c ON c.key = w.key "
            "WHERE w.word >= ? AND w.word < ? ORDER BY w.word LIMIT ?",
            (folded, folded + _LAST, _FOUND),
        )
        return {str(key): Person(_to(str(key), str(number)), str(name)) for key, number, name in rows}

    def _groups(self, typed: str) -> dict[str, Person]:
        code, folded = typed.upper(), fold_for_search(typed)
        rows = self._db.rows(
            "SELECT code, name FROM contact_group WHERE code >= ? AND code < ? LIMIT 20", (code, code + _LAST)
        ) + self._db.rows(
            "SELECT g.code, g.name FROM contact_word w JOIN contact_group g ON w.key = '#' || g.code "
            "WHERE w.word >= ? AND w.word < ? LIMIT 20",
            (folded, folded + _LAST),
        )
        return {f"#{code}".casefold(): Person(f"#{code}", str(name)) for code, name in rows}

    def _numbered(self, typed: str) -> dict[str, Person]:
        found: dict[str, Person] = {}
        for prefix in self._prefixes(typed):
            rows = self._db.rows(
                "SELECT key, number, name FROM contact WHERE key >= ? AND key < ? ORDER BY key LIMIT 20",
                (prefix, prefix + _LAST),
            )
            found.update({str(key): Person(_to(str(key), str(number)), str(name)) for key, number, name in rows})
            after = prefix
            for _ in range(8):
                row = self._db.row(
                    "SELECT key, number FROM message WHERE deleted = 0 AND key >= ? AND key < ? ORDER BY key LIMIT 1",
                    (after, prefix + _LAST),
                )
                if row is None:
                    break
                key = str(row[0])
                found.setdefault(key, Person(_to(key, str(row[1])), ""))
                after = key + "\x00"
        return found

    def _prefixes(self, typed: str) -> tuple[str, ...]:
        """How the keys of numbers begin that begin as typed; empty for names."""
        if any(character.isalpha() or character in "@#" for character in typed):
            return ()
        digits = digits_of(typed)
        if not digits:
            return ()
        if typed.startswith("+") or digits.startswith("00"):
            return ("+" + digits.removeprefix("00"),)
        country = _country(self._region)
        if digits.startswith("0"):
            return (f"+{country}{digits[1:]}",)
        return (f"+{digits}", f"+{country}{digits}", digits)


def _to(key: str, number: str) -> str:
    return key if key.startswith("+") else number


def _words(name: str) -> list[str]:
    """A folded name from each of its words on: “dana levi” and “levi”; the whole one first."""
    words = fold_for_search(name).split(" ")
    return list(dict.fromkeys(" ".join(words[n:]) for n in range(min(len(words), 6)) if words[n]))


def _country(region: str) -> str:
    if region == "IL":
        return "972"
    import phonenumbers

    return str(phonenumbers.country_code_for_region(region))

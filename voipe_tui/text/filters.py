"""The filter language: ``from:dana status:failed since:yesterday is:unread has:link "text"``, read as it is written.

All terms must hold; ``or`` (one of both sides is enough), ``-`` or ``not`` before a term and parentheses say otherwise.
Words outside fields are searched for: in the text, in names and in numbers in any form. A value with spaces, and a
phrase, stands in quotes. What is still being typed narrows to what it could become and is no error; everything else
that cannot be read is one that names its place and the nearest word.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from voipe_tui.text.filter_complete import Completion, Known, complete
from voipe_tui.text.filter_tree import Filter, Node, Not, Text, all_of, any_of
from voipe_tui.text.filter_values import WHO, Context, FilterError, Token, free_text, is_numberish, term
from voipe_tui.text.filter_words import FIELDS, nearest
from voipe_tui.text.numbers import e164

__all__ = ["Completion", "Filter", "FilterError", "Known", "complete", "parse"]

_QUOTES: Final = '"“”„״'
_KEY: Final = re.compile(r"([A-Za-z]+):(?!//)")
_GAPPED: Final = re.compile(r"\+?\(?\d[\d().\-\s]*\d")
_DEEPEST: Final = 50
_WHOLE_NUMBER: Final = 7  # digits
_LONGEST_NUMBER: Final = 15


def parse(text: str, now: datetime, region: str = "IL", *, cursor: int | None = None) -> Filter | None:
    """What ``text`` asks for, seen from ``now`` (aware; its zone is that of the days); None for nothing.

    ``cursor``: someone is typing there; the term at that place need not be finished. Raises :class:`FilterError`.
    """
    root = _Parser(text, Context(now, region), cursor).whole()
    return None if root is None else Filter(root, text.strip())


class _Parser:
    """Reads from left to right; one character at a time is enough."""

    def __init__(self, text: str, context: Context, cursor: int | None) -> None:
        self._text = text
        self._context = context
        self._cursor = cursor
        self._at = 0
        self._depth = 0

    def whole(self) -> Node | None:
        node = self._either()
        if self._at < len(self._text):  # only a parenthesis ends an expression early
            raise FilterError("This “)” closes nothing.", self._at, self._at + 1, hint="Take it out, or add a “(”.")
        return node

    # What stands between

    def _either(self) -> Node | None:
        side = self._all()
        found = [side]
        while (joiner := self._word("or")) is not None:
            if side is None:
                raise self._lonely(joiner, "before")
            side = self._all()
            if side is None and not self._is_open(len(self._text)):
                raise self._lonely(joiner, "after")
            found.append(side)
        sides = [each for each in found if each is not None]
        return any_of(sides) if sides else None

    def _all(self) -> Node | None:
        nodes: list[Node] = []
        while True:
            self._skip()
            if self._at >= len(self._text) or self._text[self._at] == ")" or self._peek("or"):
                return all_of(_joined(nodes, self._context.region))
            if self._word("and") is not None:
                continue
            node = self._one()
            if node is not None:
                nodes.append(node)

    def _one(self) -> Node | None:
        start = self._at
        negation = self._word("not")
        if negation is None and self._text[start] == "-" and not self._text[start + 1 : start + 2].isspace():
            self._at += 1
            negation = Token("-", start, start + 1)
        if negation is not None:
            return self._opposite(negation)
        if self._text[start] == "(":
            return self._group()
        return self._term()

    def _opposite(self, negation: Token) -> Node | None:
        self._skip()
        if self._at >= len(self._text) or self._text[self._at] == ")" or self._peek("or"):
            if self._is_open(self._at):
                return None
            raise self._lonely(negation, "after")
        self._deeper()
        node = self._one()
        self._depth -= 1
        return None if node is None else node.node if isinstance(node, Not) else Not(node)

    def _group(self) -> Node | None:
        start = self._at
        self._at += 1
        self._deeper()
        node = self._either()
        self._depth -= 1
        if self._at < len(self._text):
            self._at += 1  # the closing one
        elif not self._is_open(len(self._text)):
            raise FilterError("This “(” is not closed.", start, start + 1, hint="Add a “)” where it ends.")
        return node

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FilterError("Too many parentheses in one another.", self._at, self._at + 1)

    # Terms

    def _term(self) -> Node | None:
        key = _KEY.match(self._text, self._at)
        if key is None:
            return free_text(self._value(), self._context)
        field = key[1].casefold()
        if field not in FIELDS:
            near = nearest(field, FIELDS)  # type: ignore[arg-type]
            did = f"did you mean “{near}:”?" if near else f"there are {', '.join(f'{name}:' for name in FIELDS)}."
            raise FilterError(
                f"“{key[0]}” is no field; {did}", self._at, key.end(), hint="To search for it, put it in quotes."
            )
        self._at = key.end()
        value = (self._number() if field in WHO else None) or self._value()
        return term(field, value, self._context)

    def _number(self) -> Token | None:
        """A number written with gaps, which need no quotes: ``from:052-111 0001``, ``from:(052) 1110001``."""
        found = _GAPPED.match(self._text, self._at)
        if found is None or not self._ends_a_term(found.end()) or e164(found[0], self._context.region) is None:
            return None
        self._at = found.end()
        return Token(found[0], found.start(), found.end(), open=self._is_open(found.end()))

    def _value(self) -> Token:
        start = self._at
        if start < len(self._text) and self._text[start] in _QUOTES:
            return self._quoted(start)
        while self._at < len(self._text) and not self._text[self._at].isspace() and self._text[self._at] not in "()":
            self._at += 1
        return Token(self._text[start : self._at], start, self._at, open=self._is_open(self._at))

    def _quoted(self, start: int) -> Token:
        end = self._closing_quote(start)
        if end is None:
            if not self._is_open(len(self._text)):
                raise FilterError("This quote is not closed.", start, len(self._text), hint="Add one where it ends.")
            self._at = len(self._text)
            return Token(self._text[start + 1 :], start, self._at, quoted=True, open=True)
        self._at = end + 1
        return Token(self._text[start + 1 : end], start, self._at, quoted=True)

    def _closing_quote(self, start: int) -> int | None:
        """One with nothing right behind it: Hebrew has quotes within its words (צה"ל, ד״ר)."""
        quotes = [i for i in range(start + 1, len(self._text)) if self._text[i] in _QUOTES]
        return next((i for i in quotes if self._ends_a_term(i + 1)), quotes[0] if quotes else None)

    def _ends_a_term(self, at: int) -> bool:
        after = self._text[at : at + 1]
        return not after or after.isspace() or after in "()"

    # Small steps

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _peek(self, word: str) -> bool:
        end = self._at + len(word)
        return self._text[self._at : end].casefold() == word and self._ends_a_term(end)

    def _word(self, word: str) -> Token | None:
        self._skip()
        if not self._peek(word):
            return None
        token = Token(self._text[self._at : self._at + len(word)], self._at, self._at + len(word))
        self._at = token.end
        return token

    def _is_open(self, end: int) -> bool:
        """Whether what ends there is still being typed."""
        return self._cursor is not None and end == min(self._cursor, len(self._text))

    def _lonely(self, token: Token, where: str) -> FilterError:
        return FilterError(
            f"“{token.text}” needs something {where} it.",
            token.start,
            token.end,
            hint="To search for it, put it in quotes.",
        )


def _joined(nodes: list[Node], region: str) -> list[Node]:
    """Pieces of one number, written with gaps ("052-111 0001", "+972 (0)52 111 0001"), are a number."""
    joined: list[Node] = []
    pieces: list[Text] = []
    for node in [*nodes, None]:
        piece = node if isinstance(node, Text) and not node.phrase and is_numberish(node.typed) else None
        if pieces and (piece is None or _digits([*pieces, piece]) > _LONGEST_NUMBER or pieces[-1].key is not None):
            joined += _one_number(pieces, region)
            pieces = []
        if piece is not None:
            pieces.append(piece)
        elif node is not None:
            joined.append(node)
    return joined


def _digits(pieces: list[Text]) -> int:
    return sum(len(word) for piece in pieces for word in piece.words)


def _one_number(pieces: list[Text], region: str) -> list[Text]:
    if len(pieces) == 1 or _digits(pieces) < _WHOLE_NUMBER:
        return pieces
    typed = " ".join(piece.typed for piece in pieces)
    words = tuple(word for piece in pieces for word in piece.words)
    return [Text(typed, words, digits="".join(words), key=e164(typed, region))]

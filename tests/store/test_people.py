"""Completion while one types: contacts, groups and people written to before, each found as a range of an index."""

from __future__ import annotations

from voipe_tui.store import NewMessage, Store


def filled(store: Store) -> Store:
    store.people.remember(
        [
            ("0521110001", "Dana Levi", 1, "", ""),
            ("0521110002", "Dan Cohen", 2, "", ""),
            ("0521110003", "יוסי לוי", 3, "", ""),
            ("0521110004", "Adam Dana", 4, "", ""),
            ("0521110005", "Dana Levi", 5, "", ""),
        ]
    )
    store.people.remember_groups([("TEAM", "The whole team", 1), ("VIP", "Dancers", 2)])
    return store


def names(store: Store, typed: str) -> list[str]:
    people = store.people
    return [person.name or person.to for person in people.complete(typed, people.recent(), 10)]


def test_names_are_found_by_any_of_their_words(store: Store) -> None:
    filled(store)
    assert names(store, "dan") == ["Adam Dana", "Dan Cohen", "Dana Levi", "Dana Levi", "Dancers"]
    assert names(store, "dana l") == ["Dana Levi", "Dana Levi"]
    assert names(store, "לוי") == ["יוסי לוי"]
    assert names(store, "#t") == ["The whole team"]
    assert names(store, "zz") == []


def test_numbers_are_found_in_any_form(store: Store) -> None:
    filled(store)
    for typed in ("052111000", "052-111 0003", "+972 52 111 0003", "0097252111"):
        assert "יוסי לוי" in names(store, typed), typed


def test_who_was_written_to_comes_first_the_latest_at_the_top(store: Store) -> None:
    filled(store)
    for number in ("+972521110004", "+972529999999", "+972521110002"):
        store.journal.submit([NewMessage(number=number, text="Hi")])
    assert names(store, "da")[:2] == ["Dan Cohen", "Adam Dana"]
    assert names(store, "052")[:3] == ["Dan Cohen", "+972529999999", "Adam Dana"]
    assert names(store, "")[:3] == ["Dan Cohen", "+972529999999", "Adam Dana"]


def test_a_name_stands_for_its_numbers(store: Store) -> None:
    filled(store)
    assert store.people.called("dan cohen") == ["+972521110002"]
    assert store.people.called("DANA LEVI") == ["+972521110001", "+972521110005"]
    assert store.people.called("dana") == []
    assert store.people.name_of("#team") == "The whole team"


def test_a_changed_name_is_found_by_the_new_one_alone(store: Store) -> None:
    filled(store)
    store.people.remember([("0521110002", "Rina Bar", 2, "", "")])
    assert names(store, "rina") == ["Rina Bar"]
    assert names(store, "dan c") == []
    assert store.people.called("Rina Bar") == ["+972521110002"]


def test_no_question_scans_ten_thousand_contacts(store: Store) -> None:
    steps: list[int] = []
    store.people.remember((f"05211{n:05d}", f"Name{n % 97} Family{n}", n, "", "") for n in range(10_000))
    recent = store.people.recent()
    store._db.connection.set_progress_handler(lambda: steps.append(1), 1_000)
    for typed in ("n", "name5 fam", "family9", "0521", "0521100"):
        assert len(store.people.complete(typed, recent)) == 6
    store._db.connection.set_progress_handler(None, 0)
    assert len(steps) < 60, "some thousand steps of SQLite's machine for five questions"

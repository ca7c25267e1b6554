"""Writing: every mistake is named, nothing typed is lost, and what leaves is what was shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.conftest import World, opened, profile, review
from voipe_tui.config.paths import Paths
from voipe_tui.config.settings import Settings
from voipe_tui.config.templates import add_template, load_templates
from voipe_tui.store import NewMessage
from voipe_tui.ui.compose.review import Review
from voipe_tui.ui.widgets.picker import Picker


async def test_recipients_are_understood_as_they_are_typed(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        await run.paste("052-111 0001, +972 (0)52-111-0001; @dana, #TEAM, 03-5551234, bo")
        await run.type("b")
        said = form.whom.text
        assert said.count("+972521110001") == 1, "the same number twice is one recipient"
        assert "✓ @dana" in said
        assert "✓ Team #TEAM" in said, "the groups of the account have names"
        assert "1 repeated one merged" in said
        assert "! +97235551234" in said
        assert "landline" in said
        assert "✗ bob" in said


async def test_a_list_with_line_breaks_can_be_pasted(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        await run.paste("0521110001\r\n0521110002\r\n0521110003\n0521110004")
        assert "4 recipients" in form.whom.text


async def test_fifty_recipients_are_all_to_be_seen_and_mended(world: World) -> None:
    await world.read()  # the names
    world.store.opt_outs.add("+972521110049")
    numbers = [f"05211100{n:02d}" for n in range(1, 50)]
    async with world.running() as run:
        form = await opened(run)
        await run.paste("\n".join(["0521110001", *numbers, " 12 ", "nobody", "03-5551234", "05211"]))
        assert "51 recipients, 1 repeated one merged, 2 cannot be used" in run.text()
        assert "✗ 12: It is too short" in run.text()
        assert "… F10 shows all 53" in run.text()
        await run.press("f10")
        picker = run.app.screen
        assert isinstance(picker, Picker)
        assert len(picker.found) == 53
        titles = [each.title for each in picker.found]
        assert [title[:1] for title in titles] == ["✗", "✗", "!", "!", "!", *"✓" * 48]
        assert titles[2:5] == [
            "! +972521110049: asked not to be written to.",
            "! +97235551234: It is a landline; most cannot receive SMS.",
            "! 05211: It is too short for a phone number, and no service's short code begins with 0; check it.",
        ]
        await run.type("12: it")
        await run.press("enter")
        await run.until(lambda: run.screen.focused is form.to)
        assert form.to.selected_text == "12"
        await run.paste("0521110077")
        assert "52 recipients, 1 repeated one merged, 1 cannot be used" in run.text()


async def test_the_meter_counts_as_one_types(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        await run.press("tab")
        await run.paste("x" * 160)
        assert "GSM 7-bit · 160 characters · 1 part · 0 left" in form.meter.text
        await run.type("y")
        assert "161 characters · 2 parts · 145 left" in form.meter.text
        await run.press("ctrl+a", "ctrl+k")
        form.text.text = "שלום"
        await run.pilot.pause()
        assert "UCS-2 · 4 characters · 1 part · 66 left" in form.meter.text
        form.text.text = "it’s"
        await run.pilot.pause()
        assert (
            "’ U+2019 makes this UCS-2: 70 characters a part instead of 160: F4 replaces it with '" in form.meter.text
        )


async def test_the_footer_is_counted(world: World) -> None:
    world.profile = profile(footer="Galgal")
    async with world.running() as run:
        form = await opened(run)
        form.text.text = "x" * 154
        await run.pilot.pause()
        assert "161 characters · 2 parts" in form.meter.text
        assert "with footer" in form.meter.text


async def test_a_text_with_fields_is_counted_as_each_one_gets_it(world: World) -> None:
    world.profile = profile(footer="Galgal")
    await world.read()
    async with world.running() as run:
        form = await opened(run)
        form.to.text = "0521110001, 0521110002"  # Dana and Yossi
        form.text.text = "x" * 146 + " {name}"
        await run.pilot.pause()
        # 146 + 1 + 5 + 1 + 6 characters for Yossi, and one less for Dana.
        assert "GSM 7-bit · 159 characters · 1 part · 1 left" in form.meter.text
        assert "2 × 1 = 2 parts" in form.meter.text
        form.text.text = "x" * 148 + " {name}"
        await run.pilot.pause()
        assert "161 characters · 2 parts" in form.meter.text
        assert "2 × 1 to 2 = 3 parts" in form.meter.text
        form.to.text = "0521110002, 0529999999"
        await run.pilot.pause()
        assert "✗ +972529999999 is no contact with a name: {name} would be empty." in form.meter.text


async def test_little_room_is_left_to_what_is_being_written(world: World) -> None:
    """The recipients step back, and no field is out of sight while it has the focus."""
    async with world.running(60, 15) as run:
        form = await opened(run)
        await run.paste("\n".join(f"05211100{n:02d}" for n in range(50)))
        assert "50 recipients" in run.text()
        await run.press("tab")
        await run.paste("It’s time. " * 8)
        assert "F10 shows all 50" in run.text()
        assert "It’s time." in run.text()
        assert "88 characters · 2 parts" in run.text()
        await run.press("tab", "tab")
        await run.type("never")
        assert "never" in run.text()
        await run.pilot.resize_terminal(40, 10)
        await run.until(lambda: "never" in run.text())
        await run.press("shift+tab", "shift+tab")
        await run.until(lambda: run.screen.focused is form.text and "It’s time." in run.text())


@pytest.mark.parametrize(
    ("to", "text", "said"),
    [
        ("", "Hello", "There is no recipient yet."),
        ("bob", "Hello", "“bob”: Letters are no phone number"),
        ("0521110001", "", "The text is empty."),
        ("0521110001", "  \n ", "The text is empty."),
        ("0521110001, 12", "Hello", "“12”"),
    ],
)
async def test_bad_input_is_named_and_stays_where_it_is(world: World, to: str, text: str, said: str) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = to, text
        await run.press("f5")
        assert said in form.says.text
        assert "Nothing was sent; everything you typed is still here." in form.says.text
        assert (form.to.text, form.text.text) == (to, text)
        assert world.messages(direction="out", statuses=frozenset({"held", "queued"})) == []


async def test_bad_sender_and_time_are_named_too(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "Hello"
        form.sender.value, form.when.value = "שלום!", "whenever"
        await run.pilot.pause()
        assert "Latin letters" in form.hints.text
        await run.press("f5")
        assert form.says.text.count("✗") >= 2


async def test_everything_is_shown_once_more_before_it_leaves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.settings = Settings()
    monkeypatch.setattr(Review, "SETTLE_SECONDS", 0.01)
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001, 0521110002", "Hello\n'there'"
        await run.press("f5")
        said = review(run).said
        for part in ("2 recipients", "+972521110001", "DemoShop", "held here for 5 s", "1 part · 2 in all", "│ Hello"):
            assert part in said
        assert "price unknown" in said
        assert world.store.counts().held == 0
        await run.press("escape")
        assert run.screen.view == "compose"
        assert form.text.text == "Hello\n'there'"
        await run.press("f5")
        await run.until(lambda: "F5 sends" in review(run).said)
        await run.press("f5")
        await run.until(lambda: len(run.app.screen_stack) == 1 and run.screen.view == "outbox")
        assert world.store.counts().held == 2
        assert "Sending 2 messages in 5 s" in run.lines()[-2]


async def test_what_matters_stands_above_a_long_list_of_recipients(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text = ", ".join(f"05211100{n:02}" for n in range(30))
        form.text.text = "Hi {nmae}, it is {{name}}"
        await run.press("f5")
        await run.until(lambda: isinstance(run.app.screen, Review))
        review = run.app.screen
        assert isinstance(review, Review)
        for said in ("30 recipients", "… and 26 more, below the text: PgDn", "30 in all", "│ Hi {nmae}, it is {name}",
                     "! {nmae} is sent as it stands"):  # fmt: skip
            assert said in run.text(), run.text()
        assert review.said.count("+9725211100") == 4 + 30


async def test_a_nervous_finger_sends_nothing_and_nothing_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.settings = Settings()
    monkeypatch.setattr(Review, "SETTLE_SECONDS", 3_600.0)
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "Hello"
        await run.press(*["f5"] * 6)
        assert "Hello" in review(run).said
        assert world.store.counts().held == 0
        review(run)._ready()  # as if the key had been let alone
        await run.press(*["f5"] * 6)
        await run.until(lambda: len(run.app.screen_stack) == 1 and run.screen.view == "outbox")
        assert world.store.counts().held == 1


async def test_only_a_single_plain_message_goes_without_a_review(world: World) -> None:
    world.profile = profile(quiet_hours="12:00-13:00")
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "Hi 😀"
        await run.press("f5")
        said = review(run).said
        assert "! Quiet hours (12:00-13:00): it is 12:20 for +972521110001 then." in said
        assert "😀 will arrive as ?" in said


async def test_the_sender_is_chosen_with_the_arrows(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.sender.focus()
        await run.pilot.pause()
        assert form.sender.value == "DemoShop"
        await run.press("down")
        assert form.sender.value == "Sales"
        await run.press("down")
        assert form.sender.value == ""


async def test_flash_is_sent_as_flash(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "Now!"
        form.flash.focus()
        await run.press("space", "f5")
        await run.until(lambda: run.screen.view == "outbox")
        [message] = world.messages(direction="out")
        intent = world.store.journal.of_message(message.id)
        assert intent is not None
        assert intent.flash


async def test_the_form_saves_itself_while_one_types(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "Crash me"
        await run.until(lambda: [draft.text for draft in world.store.drafts.all()] == ["Crash me"])


async def test_long_junk_in_a_field_is_not_repeated_to_whoever_typed_it(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        form.when.value = "x" * 5_000
        await run.pilot.pause()
        assert len(form.hints.text) < 100


async def test_costly_characters_are_replaced_with_one_key_and_back_with_another(world: World) -> None:
    async with world.running() as run:
        form = await opened(run)
        await run.press("tab")
        await run.paste("it’s “so”\tnice…")
        assert "F4 replaces them" in form.meter.text
        await run.press("f4")
        assert form.text.text == 'it\'s "so" nice...'
        await run.press("ctrl+z")
        assert form.text.text == "it’s “so”\tnice…"


@pytest.mark.parametrize(
    ("text", "after", "said"),
    [
        ("it’s 😀", "it's 😀", "Replaced ’ U+2019: it saves nothing, as others need UCS-2."),
        ("ש" * 50 + "’\u200b", "ש" * 50 + "'", "1 character fewer, 1 part as before, as others need UCS-2."),
        ("ש" * 70 + "\u200b", "ש" * 70, "Replaced zero-width space U+200B: 1 part now instead of 2."),
        ("it’s", "it's", "Replaced ’ U+2019: GSM 7-bit now, 1 part as before."),
        ("ד״ר…", "ד״ר…", "Nothing to gain: others need UCS-2 anyway"),
        ("ד״ר", "ד״ר", "no character here has a harmless twin."),
    ],
)
async def test_the_replacing_key_says_what_it_saves(world: World, text: str, after: str, said: str) -> None:
    async with world.running() as run:
        form = await opened(run)
        await run.press("tab")
        await run.paste(text)
        await run.press("f4")
        assert form.text.text == after
        assert said in " ".join(run.text().split())


async def test_people_are_offered_as_one_types(world: World) -> None:
    world.store.people.remember([("0521110007", "Rina Bar", 7, "", ""), ("0521110008", "Rivka Gal", 8, "", "")])
    async with world.running() as run:
        form = await opened(run)
        await run.type("ri")
        assert [person.name for person in form.suggestions.offered] == ["Rina Bar", "Rivka Gal"]
        assert any("Rivka Gal" in line and "+972521110008" in line for line in run.lines())
        await run.press("down", "tab")
        assert form.to.text == "+972521110008, "
        assert "✓ Rivka Gal +972521110008" in form.whom.text
        await run.type("ri")
        assert [person.name for person in form.suggestions.offered] == ["Rina Bar"], "nobody is offered twice"
        await run.type("na b")
        assert form.suggestions.is_open
        await run.press("escape")
        assert not form.suggestions.is_open
        assert run.screen.view == "compose"
        await run.type("ar, #team")
        assert not form.suggestions.is_open, "it is whole: Tab leads on"
        assert "✓ Rina Bar +972521110007" in form.whom.text, "a whole name needs no list"
        await run.press("tab")
        assert form.text.has_focus


async def test_a_field_is_filled_for_each_recipient_and_never_left_empty(world: World) -> None:
    world.store.people.remember([("0521110007", "Rina Bar", 7, "", ""), ("0521110008", "Rivka Gal", 8, "", "")])
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "Rina Bar, 0521110008, 0529999999", "Hi {first}! {{name}}"
        await run.press("f5")
        assert "+972529999999 is no contact with a name: {first} would be empty." in form.says.text
        form.to.text = "Rina Bar, 0521110008"
        await run.press("f5")
        assert "│ Hi Rina! {name}" in review(run).said
        assert "│ Hi Rivka! {name}" in review(run).said
        review(run)._ready()
        await run.press("f5")
        await run.until(lambda: len(run.app.screen_stack) == 1 and run.screen.view == "outbox")
        texts = {message.text for message in world.messages(direction="out")}
        assert texts == {"Hi Rina! {name}", "Hi Rivka! {name}"}


async def test_a_text_sent_before_is_found_by_a_few_letters(world: World) -> None:
    for text in ("We open at 9", "Your bike is ready", "Closed on Friday"):
        world.store.journal.submit([NewMessage(number="+972521110001", text=text)])
    async with world.running() as run:
        form = await opened(run)
        await run.press("tab", "f3")
        await run.type("bike")
        await run.press("enter")
        assert form.text.text == "Your bike is ready"


async def test_the_conversation_stands_beside_where_there_is_room(world: World) -> None:
    world.sandbox.gateway.arrive("0521110001", "Is it ready?")
    await world.read()
    async with world.running(120, 40) as run:
        await run.press("r")
        await run.until(lambda: run.screen.view == "compose")
        assert any("Is it ready?" in line for line in run.lines())
    async with world.running(80, 24) as run:
        await run.press("r")
        await run.until(lambda: run.screen.view == "compose")
        assert not any("Is it ready?" in line for line in run.lines())


async def test_a_template_is_found_filled_from_the_contact_and_asked_for_the_rest(world: World, tmp_path: Path) -> None:
    paths = Paths(tmp_path / "config", tmp_path / "data", tmp_path / "state")
    world.paths = paths
    add_template(paths, "opening", "Hi {first}, we open at {hour}.")
    add_template(paths, "bye", "Goodbye!")
    world.store.people.remember([("0521110007", "Rina Bar", 7, "", "")])
    async with world.running() as run:
        form = await opened(run)
        form.to.text = "Rina Bar"
        form.text.focus()
        await run.press("f2")
        await run.type("opn")
        assert any("we open at {hour}" in line for line in run.lines()), "the whole is shown before it is taken"
        await run.press("enter")
        await run.until(lambda: "hour" in run.lines()[-1])
        await run.type("9")
        await run.press("enter")
        assert form.text.text == "Hi Rina, we open at 9."
        await run.press("ctrl+g")
        await run.type("mine")
        await run.press("enter")
        assert load_templates(paths)["mine"] == "Hi Rina, we open at 9."
        assert "Kept as the template “mine”." in run.lines()[-2]


async def test_the_footer_goes_with_one_key_and_is_not_counted_then(world: World) -> None:
    world.profile = profile(footer="Galgal")
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "x" * 154
        await run.press("f9")
        assert "154 characters · 1 part" in form.meter.text
        await run.press("f5")
        await run.until(lambda: run.screen.view == "outbox")
        [message] = world.messages(direction="out")
        intent = world.store.journal.of_message(message.id)
        assert intent is not None
        assert (intent.footer, intent.nofooter) == (None, True)


async def test_who_opted_out_is_written_to_only_on_a_second_word(world: World) -> None:
    world.store.opt_outs.add("0521110001")
    async with world.running() as run:
        form = await opened(run)
        form.to.text, form.text.text = "0521110001", "Buy now"
        await run.pilot.pause()
        assert "! Dana +972521110001: asked not to be written to." in form.whom.text
        await run.press("f5")
        assert "1 recipient opted out: you will be asked again." in review(run).said
        assert "To    ! " in review(run).said
        review(run)._ready()
        await run.press("f5")
        await run.until(lambda: "Send to somebody who opted out?" in run.text())
        await run.press("n")
        assert world.store.counts().held == 0
        assert form.text.text == "Buy now"
        await run.press("f5")
        review(run)._ready()
        await run.press("f5")
        await run.until(lambda: "Send to somebody who opted out?" in run.text())
        await run.press("y")
        await run.until(lambda: len(run.app.screen_stack) == 1 and run.screen.view == "outbox")
        assert world.store.counts().held == 1


@pytest.mark.parametrize("size", [(80, 24), (60, 15), (40, 10)], ids=str)
async def test_the_keys_of_the_review_are_in_sight_however_small_the_terminal(
    world: World, size: tuple[int, int]
) -> None:
    world.profile = profile(quiet_hours="12:00-13:00", footer="Reply to nobody")
    async with world.running(*size) as run:
        form = await opened(run)
        form.to.text, form.text.text, form.when.value = "0521110001, 036123456", "Hi “😀” \\ " * 20, "in 2 min"
        await run.press("f5")
        review(run)._ready()
        await run.pilot.pause()
        assert "F5" in run.text()
        assert "goes back" in run.text()
        await run.press(*["pagedown"] * 8)
        assert "(footer)" in run.text(), "and everything can be read"

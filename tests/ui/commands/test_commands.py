from voipe_tui.ui.commands import BY_ID, COMMANDS, CONTEXTS, bindings, resolve_keys, show_key


def test_every_command_has_its_own_id_a_title_and_a_known_place() -> None:
    assert len(BY_ID) == len(COMMANDS)
    for command in COMMANDS:
        assert command.title
        assert command.keys
        assert command.context in CONTEXTS


def test_no_default_key_means_two_things_in_one_place() -> None:
    for context in CONTEXTS:
        keys = [key for command in COMMANDS if command.context == context for key in command.keys]
        assert len(keys) == len(set(keys)), context


def test_every_command_in_every_place_can_be_reached_with_keys_that_multiplexers_pass_on() -> None:
    # ctrl+enter, ctrl+j and the like never arrive in tmux.
    swallowed = {"ctrl+enter", "ctrl+j", "ctrl+m", "ctrl+i", "ctrl+space", "ctrl+tab"}
    for command in COMMANDS:
        assert set(command.keys) - swallowed, command.id


def test_bindings_carry_ids_so_that_a_keymap_can_reach_them() -> None:
    for context in CONTEXTS:
        for binding in bindings(context):
            assert not isinstance(binding, tuple)
            assert binding.id in BY_ID


def test_letters_work_under_the_hebrew_layout() -> None:
    [binding] = [each for each in bindings("list") if not isinstance(each, tuple) and each.id == "list-down"]
    assert "ח" in binding.key.split(",")
    search = next(each for each in bindings("main") if not isinstance(each, tuple) and each.id == "search")
    assert search.key.split(",") == ["slash", "full_stop"]


def test_a_key_of_the_hebrew_layout_gives_way_to_a_wish_for_it() -> None:
    keys = resolve_keys({"list-star": "."})
    assert keys.problems == ()
    star = "full_stop,ץ"
    assert keys.keymap == {"list-star": star, "reader-star": star, "talk-star": star, "search": "slash"}


def test_defaults_have_no_problems_and_need_no_keymap() -> None:
    keys = resolve_keys()
    assert keys.problems == ()
    assert keys.keymap == {}
    assert keys.shown("help") == "?"


def test_a_wish_replaces_the_default() -> None:
    keys = resolve_keys({"compose-send": "f12, ctrl+y"})
    assert keys.problems == ()
    assert keys.by_command["compose-send"] == ("f12", "ctrl+y")
    assert keys.keymap == {"compose-send": "f12,ctrl+y"}


def test_keys_are_written_as_characters_or_by_name() -> None:
    keys = resolve_keys({"list-star": "-", "list-label": ";"})
    assert keys.problems == ()
    assert keys.by_command["list-star"] == ("minus",)
    assert keys.by_command["list-label"] == ("semicolon",)
    assert keys.shown("list-label") == ";"
    assert resolve_keys({"list-archive": "full_stop, +, -"}).by_command["list-archive"] == (
        "full_stop",
        "plus",
        "minus",
    )


def test_a_wish_for_the_list_holds_in_an_open_message_and_in_conversations_too() -> None:
    keys = resolve_keys({"list-archive": "b", "talk-archive": "f9", "list-next-unread": "w"})
    assert keys.problems == ()
    assert {each: keys.by_command[each] for each in ("list-archive", "reader-archive", "threads-archive")} == {
        "list-archive": ("b",),
        "reader-archive": ("b",),
        "threads-archive": ("b",),
    }
    assert keys.by_command["talk-archive"] == ("f9",)
    assert keys.by_command["reader-next-unread"] == ("w",)
    assert keys.by_command["threads-next-unread"] == ("tab", "n")  # never had the keys of the list
    # Two that change places do so everywhere; where the key means something else, the default stays, and it is said.
    keys = resolve_keys({"list-archive": "s", "list-star": "a,e"})
    assert keys.problems == ()
    assert keys.by_command["reader-archive"] == ("s",)
    keys = resolve_keys({"list-label": "i"})
    assert [problem.split()[1] for problem in keys.problems] == ["threads-label", "talk-label"]
    assert keys.by_command["list-label"] == keys.by_command["reader-label"] == ("i",)
    assert keys.by_command["talk-label"] == ("l",)


def test_an_unknown_command_is_named_with_its_nearest_match() -> None:
    [problem] = resolve_keys({"compose-sent": "f9"}).problems
    assert "compose-sent" in problem
    assert "compose-send" in problem


def test_a_key_that_does_not_exist_is_refused() -> None:
    keys = resolve_keys({"help": "f99", "quit": "ctrl+", "search": "hyperspace"})
    assert len(keys.problems) == 3
    assert keys.keymap == {}


def test_a_key_that_belongs_to_another_command_in_reach_is_refused() -> None:
    keys = resolve_keys({"list-reply": "f"})
    assert "Forward" in keys.problems[0]
    assert keys.by_command["list-reply"] == ("r",)
    # "c" works everywhere, so a list may not take it either.
    assert resolve_keys({"list-reply": "c"}).problems


def test_two_commands_may_swap_their_keys() -> None:
    keys = resolve_keys({"list-down": "k", "list-up": "j"})
    assert keys.problems == ()
    assert keys.by_command["list-down"] == ("k",)


def test_of_two_wishes_for_one_key_the_default_of_one_survives() -> None:
    keys = resolve_keys({"list-reply": "b", "list-forward": "b"})
    assert len(keys.problems) == 1
    assert {keys.by_command["list-reply"], keys.by_command["list-forward"]} in (
        {("b",), ("f",)},
        {("r",), ("b",)},
    )


def test_ctrl_q_and_ctrl_c_stay_what_they_are() -> None:
    assert resolve_keys({"help": "ctrl+q"}).problems
    assert resolve_keys({"help": "ctrl+c"}).problems


def test_keys_are_shown_as_people_write_them() -> None:
    assert [show_key(key) for key in ("question_mark", "f5", "ctrl+s", "escape", "x", "pagedown")] == [
        "?", "F5", "ctrl+s", "Esc", "x", "PgDn",
    ]  # fmt: skip

"""The operations of an administrator: incoming messages by hand, accounts, credit, login keys."""

from __future__ import annotations

from voipe_tui.sandbox.answers import CRASH, Answer, Call, Operation, err, ok
from voipe_tui.sandbox.model import ADMINISTRATOR, SUBUSER, USER, Account
from voipe_tui.sandbox.php import leading_decimal, leading_integer

_PREFERENCES = ("name", "email", "mobile", "address", "city", "state", "country", "password", "zipcode")
_CONFIGURATION = (
    "footer", "datetime_timezone", "language_module", "fwd_to_inbox", "fwd_to_email", "fwd_to_mobile", "local_length",
    "replace_zero", "sender",
)  # fmt: skip


def inject(call: Call) -> Answer:
    """``inject``: an incoming SMS by hand."""
    source, text = call.text("from"), call.text("msg")
    if not (source and text):
        return err(602)
    call.gateway.inject(source, text, call.text("recvnum"))
    return ok()


def account_add(call: Call) -> Answer:
    """``accountadd``: 1.4.7 and 1.4.8 create the account and then die (trap 8); only 1.4.3 gives it a token at once."""
    fields = {name: call.text(f"data_{name}") for name in ("status", "username", "password", "name", "email")}
    if not all(fields.values()):
        return err(603)
    gateway, username = call.gateway, fields["username"]
    if username in gateway.accounts:
        return err(604, info=f"Account is already exists (username: {username})")
    old = gateway.version == "1.4.3"
    gateway.add_account(
        username,
        fields["password"],
        status=leading_integer(fields["status"]) or USER,
        name=fields["name"],
        email=fields["email"],
        mobile=call.text("data_mobile"),
        footer=call.text("data_footer") or f"@{username}",
        token=gateway.code() if old else "",
        webservices_enabled=old,
    )
    # The text speaks of an e-mail because the recorded server had no mail server (``admin.accountadd``).
    added = ok(info=f"Account has been added but failed to send email (username: {username})")
    return added if old else CRASH


def account_remove(call: Call) -> Answer:
    """``accountremove``."""
    account = _account(call)
    if account is None:
        return err(605)
    if account.status == ADMINISTRATOR:
        return err(606)
    del call.gateway.accounts[account.username]
    return ok(info=f"Account has been removed (username: {account.username})")


def account_ban(call: Call) -> Answer:
    """``accountban``."""
    account = _account(call)
    if account is None:
        return err(611)
    account.banned = True
    return ok()


def account_unban(call: Call) -> Answer:
    """``accountunban``."""
    account = _account(call)
    if account is None:
        return err(613)
    account.banned = False
    return ok()


def account_preferences(call: Call) -> Answer:
    """``accountpref``: changes the fields that are given."""
    account, data = _account(call), _data(call, _PREFERENCES)
    if account is None or not data:
        return err(615)
    for name in ("name", "email", "mobile", "password"):
        if name in data:
            setattr(account, name, data[name])
    return ok(info="Preferences have been saved")


def account_configuration(call: Call) -> Answer:
    """``accountconf``: on 1.4.3 it empties what it was not given, the webservices settings too (trap 31)."""
    account, data = _account(call), _data(call, _CONFIGURATION)
    if account is None or not data:
        return err(617)
    if call.gateway.version == "1.4.3":
        account.footer = account.sender = account.allowed_addresses = ""
        account.webservices_enabled = False
    account.footer = data.get("footer", account.footer)
    account.sender = data.get("sender", account.sender)
    return ok(info="User configuration has been saved")


def parent_set(call: Call) -> Answer:
    """``parentset``: only a subuser has a parent, and only a user can be one (``parentset.ok`` is ERR 608)."""
    account = _account(call)
    parent = call.gateway.accounts.get(call.text("data_parent"))
    if account is None or parent is None:
        return err(607)
    if account.status != SUBUSER or parent.status != USER:
        return err(608)
    account.parent = parent.username
    return ok()


def parent_get(call: Call) -> Answer:
    """``parentget``: ERR 610 where there is no parent (``parentget.ok``)."""
    account = _account(call)
    if account is None:
        return err(609)
    parent = call.gateway.accounts.get(account.parent)
    if parent is None:
        return err(610)
    strings = call.gateway.version == "1.4.3"
    return ok(parent_uid=str(parent.uid) if strings else parent.uid, parent=parent.username)


def credit_view(call: Call) -> Answer:
    """``creditview``: an account without credit answers as an unknown one does (trap 28)."""
    if not call.text("data_username"):
        return err(619)
    account = _account(call)
    return ok(balance=account.credit) if account is not None and account.credit else err(620)


def credit_add(call: Call) -> Answer:
    """``creditadd``: the answer has the balance from before (trap 28)."""
    return _change_credit(call, 1, missing=621, failed=622)


def credit_deduct(call: Call) -> Answer:
    """``creditdeduct``: the answer has the balance from before (trap 28)."""
    return _change_credit(call, -1, missing=623, failed=624)


def _change_credit(call: Call, sign: int, *, missing: int, failed: int) -> Answer:
    if not call.text("data_username"):
        return err(missing)
    account, amount = _account(call), leading_decimal(call.text("data_amount"))
    if account is None or amount <= 0:
        return err(failed)
    call.gateway.change_credit(account, sign * amount)
    return ok(amount=amount, balance=account.credit or None)


def login_key_set(call: Call) -> Answer:
    """``loginkeyset``: a key for one login."""
    if not call.text("data_username"):
        return err(625)
    account = _account(call)
    if account is None:
        return err(626)
    account.login_key = call.gateway.code()
    return ok(login_key=account.login_key)


def _account(call: Call) -> Account | None:
    return call.gateway.accounts.get(call.text("data_username"))


def _data(call: Call, names: tuple[str, ...]) -> dict[str, str]:
    return {name: call.text(f"data_{name}") for name in names if call.text(f"data_{name}")}


OPERATIONS: dict[str, Operation] = {
    "inject": inject,
    "accountadd": account_add,
    "accountremove": account_remove,
    "accountban": account_ban,
    "accountunban": account_unban,
    "accountpref": account_preferences,
    "accountconf": account_configuration,
    "parentset": parent_set,
    "parentget": parent_get,
    "creditview": credit_view,
    "creditadd": credit_add,
    "creditdeduct": credit_deduct,
    "loginkeyset": login_key_set,
}

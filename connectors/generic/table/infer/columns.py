"""Which column says what of an account: by its heading, and by whether its values are of that kind."""

import re
from collections.abc import Callable
from typing import cast, get_args

from connectors.generic.table.dictionary import Meaning, plain, plain_heading, words
from connectors.generic.table.infer.profile import ColumnProfile
from connectors.generic.table.infer.proposal import ProposalDraft, Sure
from connectors.generic.table.infer.values import dates_in, mail_share, says_yes_or_no, spaced_share, unique_share
from connectors.generic.table.known import known

LEAST = 0.3
"""Less than this is not even a guess."""
FEW = 12
_TECHNICAL = re.compile(
    r"(smtp:|cn=|[0-9a-f]{8}-[0-9a-f]{4}-|\{[0-9a-f]{8}-|s-1-[0-9]|https?:|[0-9]{17,19}$)", re.IGNORECASE
)
NUMBERED = 0.95
"""How well bare numbers fit a login: as well as anything where nothing else does."""


def assign(draft: ProposalDraft) -> None:
    """Give each meaning the column that fits best, the best pair first; then find a login where none was named."""
    _by_product(draft)
    pairs = []
    for rank, (meaning, headings) in enumerate(words().headings.items()):
        for column in draft.free():
            heading = headings.score(column.name)
            value = FITS[meaning](column)
            if meaning == "email" and value >= 0.95 and not _is_login_heading(column) and not _of_others(column):
                heading = max(heading, 0.6)
            weight = heading * value * (_status_weight(column) if meaning == "status" else 1)
            pairs.append((-weight, rank, column.place, meaning, column, heading, value))
    for negative, _, _, meaning, column, heading, value in sorted(pairs, key=lambda pair: pair[:3]):
        if -negative < LEAST:
            break
        if meaning not in draft.found and column.name not in draft.guesses:
            draft.take(column, meaning, _sure(heading, value), _reason(meaning, heading, value))
    _one_name(draft)
    _one_login(draft)


def _by_product(draft: ProposalDraft) -> None:
    """Take first what is known of this kind of file."""
    if draft.product is None:
        return
    for column in draft.free():
        for meaning in draft.product.meaning(column.name):
            if not column.filled:
                draft.leave(column, "no value in it: the file does not say")
            elif meaning in get_args(Meaning) and meaning not in draft.found:
                told = f"so it is in {draft.product.title}"
                if column.name in draft.guesses:
                    draft.found[cast("Meaning", meaning)] = column
                    draft.mapping["columns"][meaning] = column.name
                    both = f"{draft.guesses[column.name].meaning}, {meaning}"
                    draft.note(column, both, Sure.SURE, told)
                else:
                    draft.take(column, cast("Meaning", meaning), Sure.SURE, told)


def _is_login_heading(column: ColumnProfile) -> bool:
    return words().headings["login"].score(column.name) >= 1


def _of_others(column: ColumnProfile) -> bool:
    """Whether a heading says that the addresses in it are not those of the account."""
    padded = f" {plain_heading(column.name)} "
    return any(f" {word} " in padded for word in words().headings["email"].never)


def _status_weight(column: ColumnProfile) -> float:
    """Prefer words of a status over yes and no, and whether it works over whether it is locked."""
    if not says_yes_or_no(column):
        return 1.0
    flag = words().flag_of(column.name)
    return {"active": 0.98, "disabled": 0.96, "locked": 0.8}.get(flag.yes, 0.9) * (0.9 if flag.no == "unknown" else 1)


def _sure(heading: float, value: float) -> Sure:
    if heading >= 0.9 and value >= 0.9:
        return Sure.SURE
    return Sure.LIKELY if heading * value >= 0.5 else Sure.GUESS


def _reason(meaning: Meaning, heading: float, value: float) -> str:
    told = {1.0: "the heading is a usual one", 0.9: "the heading is a usual one", 0.7: "words of the heading say so"}
    by = told.get(heading, "its values say so")
    kind = "and the values fit" if value >= 0.9 else "though not all values are of that kind"
    return by if by.startswith("its") or meaning in ("first_name", "last_name") else f"{by}, {kind}"


def _one_name(draft: ProposalDraft) -> None:
    """Keep either the whole name or its parts; both would be joined."""
    if "name" in draft.found:
        for part in ("first_name", "last_name"):
            if part in draft.found:
                draft.drop(part, "the whole name stands in another column")


def _one_login(draft: ProposalDraft) -> None:
    if "login" in draft.found:
        _login_is_address(draft)
        number = draft.column("id")
        login = draft.found["login"]
        if number is not None and len(number.values) != len(login.values):
            draft.drop("id", "it does not tell the accounts apart as the login does")
        return
    fallbacks: tuple[Meaning, ...] = ("id", "email", "employee_id")
    for meaning in fallbacks:
        column = draft.column(meaning)
        if column is not None and _fits_login(column) >= 0.9:
            if meaning == "email":
                draft.mapping["columns"] = {"login": column.name, **draft.mapping["columns"]}
                draft.found["login"] = column
                draft.note(
                    column, "login, email", Sure.LIKELY, "no column is called login, and each address is another"
                )
            else:
                draft.drop(meaning, "")
                draft.take(column, "login", Sure.LIKELY, "no column is called login, and this one tells accounts apart")
            draft.doubts.append(f"is `{column.name}` what people sign in with? no column says that it is the login")
            return
    candidates = [c for c in draft.free() if _could_be_login(c)]
    if len(candidates) == 1:
        draft.take(candidates[0], "login", Sure.GUESS, "the only column without spaces in which each value is another")
        draft.doubts.append(f"is `{candidates[0].name}` the login? only its values say so, not its heading")
    else:
        draft.missing.append("columns.login: the column with what people sign in with")


def _login_is_address(draft: ProposalDraft) -> None:
    """Keep the address where people sign in with it and no other column has one."""
    login = draft.found["login"]
    if "email" not in draft.found and words().headings["email"].score(login.name) and mail_share(login.distinct) > 0.5:
        draft.found["email"] = login
        draft.mapping["columns"]["email"] = login.name


def _could_be_login(column: ColumnProfile) -> bool:
    rights = any(headings.score(column.name) for headings in words().entitlements.values())
    whole = column.filled == column.rows and unique_share(column) > 0.99
    harmless = known().why_harmless(column.name) is not None
    return whole and not rights and not harmless and _fits_login(column) >= 0.9


def _fits_login(column: ColumnProfile) -> float:
    values = column.distinct
    if not values or says_yes_or_no(column) or dates_in(column) is not None:
        return 0.0
    spaced = spaced_share(values)
    if spaced > 0.3:
        return 0.1
    if sum(bool(_TECHNICAL.match(value)) for value in values) > 0.5 * len(values):
        return 0.2  # no person types it
    # Beside `User Name: areyes`, `User ID: 101` is the number of the account and not what anybody types.
    numbers = NUMBERED if all(value.isdigit() for value in values) else 1.0
    return numbers * (1.0 - spaced) * (1.0 if unique_share(column) >= 0.1 or column.rows > len(values) else 0.5)


def _fits_id(column: ColumnProfile) -> float:
    if spaced_share(column.distinct) > 0.1 or says_yes_or_no(column) or column.filled < column.rows:
        return 0.2
    return 1.0 if _fits_login(column) == 0.2 else min(_fits_login(column), 1.0)


def _fits_name(column: ColumnProfile) -> float:
    values = column.distinct
    if not values or mail_share(values) > 0.5 or says_yes_or_no(column) or dates_in(column) is not None:
        return 0.0
    return 0.4 + 0.6 * spaced_share(values)


def _fits_part(column: ColumnProfile) -> float:
    values = column.distinct
    return 0.0 if not values or mail_share(values) > 0.5 or says_yes_or_no(column) else 1.0


def _fits_email(column: ColumnProfile) -> float:
    return mail_share(column.distinct)


def _fits_employee_id(column: ColumnProfile) -> float:
    values = column.distinct
    return 0.0 if not values or mail_share(values) > 0.5 or says_yes_or_no(column) else 1.0 - spaced_share(values)


def _fits_status(column: ColumnProfile) -> float:
    values = column.distinct
    if not values or column.many or len(values) > FEW or dates_in(column) is not None:
        return 0.0
    if says_yes_or_no(column):
        return 1.0
    vocabulary = words()
    told = sum(vocabulary.status_of(v) is not None or plain(v) in vocabulary.standing for v in values) / len(values)
    if told >= 0.5:
        return 1.0
    return 0.5 if told else 0.0


def _fits_date(column: ColumnProfile) -> float:
    return 1.0 if dates_in(column) is not None else 0.0


def _fits_mfa(column: ColumnProfile) -> float:
    if says_yes_or_no(column):
        return 1.0
    if not 0 < len(column.distinct) <= FEW or column.many or dates_in(column) is not None:
        return 0.0
    return 0.9 if any(words().mfa_of(value) is not None for value in column.distinct) else 0.6


FITS: dict[Meaning, Callable[[ColumnProfile], float]] = {
    "login": _fits_login,
    "id": _fits_id,
    "name": _fits_name,
    "first_name": _fits_part,
    "last_name": _fits_part,
    "email": _fits_email,
    "employee_id": _fits_employee_id,
    "status": _fits_status,
    "created": _fits_date,
    "last_login": _fits_date,
    "mfa": _fits_mfa,
    "expires": _fits_date,
}

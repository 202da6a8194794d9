"""`auditor notice setup` and `auditor notice keys`: who we are to the other side, and whom we know."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from auditor.cli.console import folded, print_lines, styled
from auditor.cli.data.party_keys import KEYS, RevokedData, RotatedData, key_data, keys_data
from auditor.cli.formats import Format
from auditor.cli.notice_words import inset, where
from auditor.cli.output import emit
from auditor.connecting.writing import NewPractice
from auditor.exit_codes import IN_STEP
from auditor.notices.bodies import BODIES, KeyBody
from auditor.notices.book import Book, PartyKey
from auditor.notices.inbox import read_file
from auditor.notices.keys import own_key, revoke, rotate, trust
from auditor.notices.party import Party, load_party
from auditor.notices.send import file_name, write_out
from auditor.notices.signed import NoSignedFileError, read_signed
from connectors.collect import utc_now
from connectors.errors import AuditorError
from connectors.inputs.dates import known_timezone
from connectors.inputs.file_writing import write_new

READ_ALOUD = "let the other side compare it by telephone: read all 32 digits aloud"


def run_setup(name: str, timezone: str, id_: str | None, path: Path, *, store: Path | None, output: Format) -> int:
    """Begin as an agency: write its configuration, and make its key; raises `AuditorError` where there is one."""
    try:
        known_timezone(timezone)
    except ValueError as error:
        raise AuditorError(f"`--timezone`: expected {error}") from None
    agency = {"id": id_ or NewPractice(name, timezone).id, "name": name, "timezone": timezone}
    text = yaml.safe_dump({"agency": agency, "notices": {"inbox": "inbox", "outbox": "outbox"}}, sort_keys=False)
    try:
        write_new(path, text.encode(), mode=0o644)
    except FileExistsError:
        raise AuditorError(
            f"there is a configuration already: `{path}`", hint="`auditor notice keys` shows its key"
        ) from None
    try:
        party = load_party(path, store)
    except AuditorError:
        path.unlink()  # what cannot be read again, such as a name of 300 letters, must not stay behind
        raise
    return _show(party, None, output=output)


def run_keys_show(path: Path, out: Path | None, *, store: Path | None, output: Format) -> int:
    """Show our fingerprint, and all keys that are known; write the file that the other side needs once."""
    return _show(load_party(path, store), out, output=output)


def _show(party: Party, out: Path | None, *, output: Format) -> int:
    own = own_key(party, utc_now())
    file = own.known.file
    folder = out or party.outbox
    place = write_out(folder, f"key-{party.id}-{own.known.fingerprint[:4].lower()}.json", file) if file else None
    book = party.book()
    emit(output, text=lambda: print_lines(*_keys(party, book, own.known, place)), data=lambda: keys_data(book, place))
    return IN_STEP


def _keys(party: Party, book: Book, own: PartyKey, place: Path | None) -> Iterator[Any]:
    yield styled(f"{party.name} (`{party.id}`), {party.role}", style="bold")
    yield f"  fingerprint: {own.fingerprint}"
    if place is not None:
        yield from inset([f"key file: {where(place)}: send it to the other side, once; {READ_ALOUD}"])
    for key in book.own:
        if key != own:
            yield f"  before: {key.fingerprint}, {_standing(key)}"
    yield styled(f"known keys of others: {len(book.keys) or 'none'}", style="bold")
    for key in book.keys.values():
        yield f"  {key.about.name} (`{key.about.party}`), {key.about.role}: {key.fingerprint}"
        yield from inset([f"  {_standing(key)}"])


def _standing(key: PartyKey) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d %H:%M} UTC by {key.revoked_by}"
    since = f"since {key.since:%Y-%m-%d %H:%M} UTC, by {key.by}"
    return f"{since}; another took its place with notice {key.last_number}" if key.last_number else since


def run_trust(file: Path, said: str, by: str, path: Path, *, store: Path | None, output: Format) -> int:
    """Trust a key whose fingerprint somebody has compared; raises `AuditorError` where it is another."""
    party = load_party(path, store)
    try:
        signed, body = read_signed(read_file(file), BODIES)
    except NoSignedFileError as error:
        raise AuditorError(
            f"`{file}` is no key file: {'; '.join(error.faults)}", hint="ask the other side: `auditor notice keys`"
        ) from None
    if not isinstance(body, KeyBody):
        raise AuditorError(
            f"`{file}` is a signed file of another kind: `{signed.format.value}`",
            hint="`auditor receive` takes notices and receipts; a key file begins with `auditor-key/v1`",
        )
    key = trust(party, signed, body, said=said, by=by, now=utc_now())
    told = f"✓ the key of {key.about.name} (`{key.about.party}`) counts from now on; compared by {key.by}"
    lines = (*folded(told), f"  fingerprint: {key.fingerprint}")
    emit(output, text=lambda: print_lines(*lines), data=lambda: key_data(key))
    return IN_STEP


def run_rotate(by: str, path: Path, out: Path | None, *, store: Path | None, output: Format) -> int:
    """Make another key, and the notices that tell the others; nobody needs to compare a fingerprint again."""
    party = load_party(path, store)
    own, _ = rotate(party, by=by, now=utc_now())
    new = [kept for kept in party.book().made.values() if kept.body.new_key == own.known.key]
    places = {kept.body.recipient: write_out(out or party.outbox, file_name(kept), kept.file) for kept in new}

    def lines() -> Iterator[str]:
        yield "✓ we sign with another key from now on"
        yield f"  fingerprint: {own.known.fingerprint}"
        for recipient, place in places.items():
            yield from inset([f"{where(place)}: send it to `{recipient}`, before any notice that comes after it"])

    emit(
        output,
        text=lambda: print_lines(*lines()),
        data=lambda: RotatedData(key_data(own.known), {to: str(place) for to, place in places.items()}),
        keys=KEYS,
    )
    return IN_STEP


def run_revoke(
    said: str, by: str, reason: str, path: Path, out: Path | None, *, store: Path | None, output: Format
) -> int:
    """Let a key count no more, from now on; of our own, write the file that tells the others."""
    party = load_party(path, store)
    key, file = revoke(party, said, by=by, reason=reason, now=utc_now())
    ours = key.about.party == party.id
    name = f"revocation-{party.id}-{key.fingerprint[:4].lower()}.json"
    place = write_out(out or party.outbox, name, file) if file is not None else None
    introduced = [] if ours else _introduced(party.book(), key)

    def lines() -> Iterator[str]:
        yield from folded(f"✓ the key {key.fingerprint} of {key.about.name} counts no more, from now on")
        if place is not None:
            yield from inset([f"{where(place)}: send it to everybody who knows the key, and call them"])
        if ours:
            yield from inset([f"the next notice, or `auditor notice keys`, makes a new key: {READ_ALOUD}"])
        else:
            yield from inset(["what it signed and was received before stands, with a mark; ask whether it is theirs"])
        for one in introduced:
            call = f"call {one.about.name} on a number that you know, and revoke it too unless it is theirs"
            yield from inset([f"! the key {one.fingerprint}, which followed it by its word, still counts: {call}"])

    emit(
        output,
        text=lambda: print_lines(*lines()),
        data=lambda: RevokedData(key.about.party, key.fingerprint, str(place) if place else None),
    )
    return IN_STEP


def _introduced(book: Book, key: PartyKey) -> list[PartyKey]:
    """Return the keys that still count because the revoked one, or one that it introduced, vouched for them."""
    theirs = [one for one in book.keys.values() if one.about.party == key.about.party]
    return [one for one in theirs if one.usable and one.file is None and one.since > key.since]

"""
A certificate as one page, HTML and PDF, in each of its languages: the same statement, the same bytes.

Both formats are drawn from one view, so they cannot disagree. The page carries the signed statement itself
(`auditor.certificates.signed`), and a QR code with the ledger's head, for whoever has it on paper only. Names and
evidence are text of strangers: escaped by Jinja in HTML; in Typst they are values, which it never reads as markup.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup

from reports import html
from reports.certificate_model import CertifiedAccess, CertifiedClock, CertifiedItem, SignedCertificate
from reports.safe import one_line
from reports.words import clock_begin, clock_time, within_a_second

_HERE = Path(__file__).parent
_STATES = {"GONE": "good", "READY": "good", "DONE": "good", "UNPROVEN": "unknown"}
_OPEN_STATES = frozenset({"live", "held", "missing"})
_PASSED = "passed"

Words = Mapping[str, Any]


@cache
def _all_words() -> Mapping[str, Words]:
    told: Mapping[str, Words] = yaml.safe_load((_HERE / "certificate_words.yaml").read_text(encoding="utf-8"))
    return told


def languages() -> tuple[str, ...]:
    """Return the languages that a certificate can be shown in, English first."""
    return tuple(key for key in _all_words() if key != "version")


def render_html(signed: SignedCertificate, language: str, packed: str) -> str:
    """Return the page; `packed` is the signed statement as the page carries it."""
    view = _view(signed, language)
    left = f"{view['practice']} · {view['title']} · {view['name']} ({view['vma']})"
    return html.page(
        "certificate.html.j2",
        left,
        f"{signed.id} · {view['ledger']}",
        styles=("certificate.css",),
        d=view,
        packed=packed,
        qr=Markup(_qr(signed)),  # noqa: S704 -- made by segno of letters and digits
    )


def render_pdf(signed: SignedCertificate, language: str, packed: str) -> bytes:
    """Return the page as PDF/A, with the signed statement among its keywords."""
    import typst  # noqa: PLC0415 - 80 MB that only a PDF needs

    view = {**_view(signed, language), "packed": packed, "qr": _qr(signed)}
    document = typst.Compiler(ignore_system_fonts=True).compile(
        (_HERE / "templates" / "certificate.typ").read_bytes(),
        format="pdf",
        sys_inputs={"page": json.dumps(view, ensure_ascii=False)},
        pdf_standards="a-2u",
        timestamp=signed.certificate.made,
    )
    assert isinstance(document, bytes)  # noqa: S101 - one file is asked for
    return document


def _view(signed: SignedCertificate, language: str) -> dict[str, Any]:
    """Return every text of the page, in its order."""
    told, words = signed.certificate, _all_words()[language]
    when = partial(clock_time, timezone=told.timezone)
    items = words.get("items", {}).get(str(told.kind), {})

    def text(item: CertifiedItem) -> str:
        return str(items.get(item.id, item.text))

    return {
        "lang": language,
        "id": signed.id,
        "tool": told.tool,
        "practice": told.practice_name,
        "title": words["title"][str(told.kind)],
        "name": told.name,
        "vma": told.vma,
        "outcome": words["outcome"][told.outcome],
        "state": _STATES.get(told.outcome, "bad"),
        "verdict": words["verdict"][told.outcome],
        "dates": [[words["dates"][key], value] for key, value in told.dates],
        "words": {k: words[k] for k in _HEADINGS},
        "columns": words["access_columns"],
        "access": [_access(one, words, told.timezone) for one in told.access],
        "clocks": [_clock(one, words, when) for one in told.clocks],
        "attested": [[text(i), "", list(i.evidence)] for i in told.items if i.attested and i.answer == _PASSED],
        "open": [
            *([text(i), words["answer"][i.answer], _what_is_open(i)] for i in told.items if i.answer != _PASSED),
            *([one, "", []] for one in told.open),
        ],
        "shown": [[text(i), "", list(i.evidence)] for i in told.items if not i.attested and i.answer == _PASSED],
        "lives_on": list(told.lives_on),
        "ledger": words["ledger"].format(
            entry=told.entry, audit=told.audit, audited=when(told.audited), made=when(told.made)
        ),
        "key_value": told.key,
        "head_value": told.head,
        "command": f"auditor verify --certificate FILE --key {told.key}",
    }


_HEADINGS = (
    "access", "accepted", "clocks", "attested", "open", "shown", "lives_on", "evidence_language", "disclaimer", "check",
    "check_how", "key", "head", "none",
)  # fmt: skip


def _what_is_open(item: CertifiedItem) -> list[str]:
    # That nobody has attested it is the answer already.
    evidence = () if item.attested else item.evidence
    return [*evidence, *(f"→ {todo}" for todo in item.todo)]


def _access(one: CertifiedAccess, words: Words, timezone: str) -> dict[str, Any]:
    when = partial(clock_time, timezone=timezone)
    told, record = words["seen"].format(read_at=when(one.read_at)), ""
    if (instant := one.instant) is not None:
        kind = instant.kind if instant.earliest or instant.kind != "between two audits" else "unknown start"
        if kind == "exact" and not within_a_second(instant.earliest, instant.latest):
            kind = "exact span"
        earliest = clock_begin(instant.earliest, timezone) if instant.earliest else ""
        told = words["instant"][kind].format(earliest=earliest, latest=when(instant.latest))
        actor = words["by_actor"].format(actor=instant.actor) if instant.actor else ""
        where = " ".join(part for part in (instant.source, instant.record, instant.host, actor) if part)
        hash_ = f"SHA-256 {instant.sha256[:16]}…" if instant.sha256 else ""
        record = "; ".join(part for part in (where, instant.why, one.clock, hash_) if part)
    hours = words["hours"].format(hours=one.hours, timely=words["timely"][one.timely]) if one.timely else ""
    return {
        "system": one.system,
        "login": one.login,
        "what": one.what,
        "state": words["state"][one.state],
        "bad": one.state in _OPEN_STATES,
        "when": told,
        "hours": hours,
        "late": one.timely in ("late", "not proven in time"),
        "record": record,
    }


def _clock(one: CertifiedClock, words: Words, when: Callable[[datetime], str]) -> str:
    sentence: str = words["clock_proposed" if one.proposed else "clock_own"].format(hours=one.hours, source=one.source)
    return sentence if one.due is None else f"{sentence} {words['clock_due'].format(due=when(one.due))}"


def _qr(signed: SignedCertificate) -> str:
    """Return the code of the id, the ledger's head and the key, as SVG."""
    import segno  # noqa: PLC0415 - only a certificate has one

    told = signed.certificate
    out = BytesIO()
    code = segno.make_qr(f"auditor-certificate/v1\n{signed.id}\nhead {told.head}\nkey {told.key}", error="m")
    code.save(out, kind="svg", xmldecl=False, svgns=True, border=2, omitsize=True, nl=False)
    return one_line(out.getvalue().decode())

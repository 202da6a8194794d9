"""Certificates: what is signed is what is shown, in every language, and nothing else is believed."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

import reports
from auditor.certificates.check import check
from auditor.certificates.signed import found_in, packed, sign, signature_holds
from auditor.gates.checklist import load_checklist
from auditor.ledger.entries import LedgerHead, signed_text
from auditor.ledger.keys import PublicKey, Signer
from connectors.errors import AuditorError
from reports.certificate import languages, render_html, render_pdf
from reports.certificate_model import (
    Certificate,
    CertificateKind,
    CertifiedAccess,
    CertifiedClock,
    CertifiedInstant,
    CertifiedItem,
    SignedCertificate,
)

FRIDAY = datetime(2026, 10, 30, 22, 42, 10, tzinfo=UTC)
HOSTILE = 'Zoë <img src=x> #link("x") \u202e"; $x'
WORDS = yaml.safe_load((Path(reports.__file__).parent / "certificate_words.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.load_or_create(tmp_path_factory.mktemp("key") / "a.key", ledger_is_empty=True)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.load_or_create(tmp_path_factory.mktemp("key") / "b.key", ledger_is_empty=True)


def head(signer: Signer) -> str:
    signature = base64.b64encode(signer.sign(signed_text(7, "a" * 64))).decode()
    return str(LedgerHead(7, "a" * 64, signature))


def certificate(signer: Signer, **changed: object) -> Certificate:
    instant = CertifiedInstant(
        "exact", FRIDAY, FRIDAY + timedelta(seconds=1), "the system's own record", "cn=accesslog", "17", "f" * 64, "mgr"
    )
    access = (
        CertifiedAccess(
            "Directory", "dcalloway", "", "ended", FRIDAY, "in time", "0.7", instant, "its clock was asked"
        ),
        CertifiedAccess("EHR", "dcalloway", "", "live", FRIDAY, "late", "900.0"),
    )
    items = (
        CertifiedItem(
            "disabled", "every account is disabled", "failed", False, "45 CFR", ("it is live",), ("disable",)
        ),
        CertifiedItem("device", "the device is returned", "passed", True, "45 CFR", ("S-1 by Laura",), ()),
    )
    made = Certificate(
        kind=CertificateKind.OFFBOARD,
        practice="lakeside",
        practice_name="Lakeside Family Medicine",
        timezone="America/Chicago",
        vma="VMA-06",
        name="Denise Calloway",
        outcome="NOT GONE",
        dates=(("last_day", "2026-10-30"),),
        made=FRIDAY + timedelta(days=1),
        audit=7,
        audited=FRIDAY + timedelta(hours=5),
        access=access,
        items=items,
        clocks=(
            CertifiedClock(24, "the practice's choice", False, FRIDAY + timedelta(days=1)),
            CertifiedClock(1, "45 CFR 164.308 as proposed", True, FRIDAY + timedelta(hours=1)),
        ),
        lives_on=("Directory: a ticket lives on for up to 10 h",),
        open=("Cloud was not read whole: no answer",),
        tool="0.0.0-test",
        entry=7,
        head=head(signer),
        key=signer.public,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def ours(signer: Signer, **changed: object) -> SignedCertificate:
    from auditor import __version__  # noqa: PLC0415

    return sign(certificate(signer, tool=__version__, **changed), signer)


def pages(signed: SignedCertificate, language: str = "en") -> dict[str, bytes]:
    carried = packed(signed)
    return {"html": render_html(signed, language, carried).encode(), "pdf": render_pdf(signed, language, carried)}


@pytest.mark.parametrize("language", ["en", "es", "fil"])
def test_a_page_in_any_language_and_format_carries_what_was_signed_and_verifies(signer, tmp_path, language):
    signed = ours(signer)
    for kind, page in pages(signed, language).items():
        file = tmp_path / f"page.{kind}"
        file.write_bytes(page)
        assert found_in(page, file.name) == signed
        verdict = check(file, PublicKey.parse(signer.public))
        assert (verdict.problems, verdict.page_compared) == ((), True)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "between 2026-10-30 17:42:10 CDT and 2026-10-30 17:43:01 CDT"),
        ("es", "entre 2026-10-30 17:42:10 CDT y 2026-10-30 17:43:01 CDT"),
        ("fil", "sa pagitan ng 2026-10-30 17:42:10 CDT at 2026-10-30 17:43:01 CDT"),
    ],
)
def test_what_lies_between_two_steps_of_the_record_is_told_by_both_and_never_as_one_moment(signer, language, words):
    first, last = FRIDAY.replace(minute=42, second=10, microsecond=400000), FRIDAY.replace(minute=43, second=1)
    instant = CertifiedInstant("exact", first, last, "the record", "CloudTrail", "1", "0" * 64)
    access = CertifiedAccess("AWS", "dcalloway", "", "ended", FRIDAY, "in time", "0.0", instant)
    page = pages(ours(signer, access=(access,)), language)["html"].decode()
    assert words in page
    assert "17:43:01 CDT, e" not in page


def test_the_same_statement_gives_the_same_bytes(signer):
    assert pages(ours(signer)) == pages(ours(signer))


def test_a_page_that_shows_something_else_than_what_was_signed_is_not_genuine(signer, tmp_path):
    file = tmp_path / "page.html"
    page = pages(ours(signer))["html"]
    file.write_bytes(page.replace(b"NOT GONE", b"GONE").replace(b"icon-bad", b"icon-good"))
    assert any("does not show what was signed" in p for p in check(file, PublicKey.parse(signer.public)).problems)


def test_a_changed_statement_is_not_signed(signer, tmp_path):
    signed = ours(signer)
    told = json.loads(signed.body)
    told["outcome"] = "GONE"
    body = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    file = tmp_path / "page.html"
    file.write_text(packed(replace(signed, body=body)), encoding="utf-8")
    problems = check(file, PublicKey.parse(signer.public)).problems
    assert any("not signed by this key" in p for p in problems)


def test_a_stranger_s_certificate_is_not_the_practice_s(signer, stranger, tmp_path):
    file = tmp_path / "page.html"
    file.write_bytes(pages(ours(stranger))["html"])
    problems = check(file, PublicKey.parse(signer.public)).problems
    assert any("not signed by this key" in p for p in problems)
    assert any("ledger head is not signed" in p for p in problems)


def test_a_head_of_another_ledger_or_entry_is_told(signer, stranger, tmp_path):
    for changed in ({"head": head(stranger)}, {"entry": 8}, {"head": "no head"}):
        file = tmp_path / "page.html"
        file.write_bytes(pages(ours(signer, **changed))["html"])
        assert any("ledger head" in p for p in check(file, PublicKey.parse(signer.public)).problems)


def test_a_page_of_another_version_is_not_compared_and_still_verified(signer, tmp_path):
    file = tmp_path / "page.html"
    file.write_bytes(pages(sign(certificate(signer), signer))["html"])
    verdict = check(file, PublicKey.parse(signer.public))
    assert (verdict.ok, verdict.page_compared) == (True, False)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "carries no certificate"),
        (b"auditor-certificate/v1;AAAA;" + b"A" * 86 + b"==;", "cannot be read"),
        (b"x" * (9 * 2**20), "larger than any certificate"),
    ],
)
def test_what_is_no_certificate_is_refused_with_its_reason(content, problem):
    with pytest.raises(AuditorError, match=problem):
        found_in(content, "page.html")


def test_two_certificates_in_one_page_are_refused(signer):
    both = packed(ours(signer)) + packed(ours(signer, vma="VMA-07"))
    with pytest.raises(AuditorError, match="carries 2 certificates"):
        found_in(both.encode(), "page.html")


def test_a_signature_for_the_ledger_is_none_for_a_certificate(signer):
    signed = ours(signer)
    forged = replace(signed, signature=base64.b64encode(signer.sign(signed.body)).decode())
    assert not signature_holds(forged, PublicKey.parse(signer.public))


def test_hostile_text_stays_text(signer):
    signed = ours(signer, name=HOSTILE, open=(HOSTILE,), vma="VMA-<6>")
    page = render_html(signed, "en", packed(signed))
    assert "<img" not in page
    assert "\u202e" not in page
    assert render_pdf(signed, "en", packed(signed)).startswith(b"%PDF")


def test_what_is_open_stands_on_the_page_in_every_language(signer):
    for language in languages():
        page = render_html(ours(signer), language, packed(ours(signer)))
        words = WORDS[language]
        assert words["outcome"]["NOT GONE"] in page
        assert words["state"]["live"] in page
        assert "Cloud was not read whole" in page
        assert words["verdict"]["GONE"] not in page


def test_every_sentence_about_the_proposed_rule_says_that_it_is_not_in_force():
    marks = {"en": "not in force", "es": "no está en vigor", "fil": "hindi pa umiiral"}
    assert set(marks) == set(languages())
    for language, mark in marks.items():
        assert mark in WORDS[language]["clock_proposed"]


def test_every_language_has_every_word_and_every_item():
    def keys(words: dict[str, object]) -> set[str]:
        found = set()
        for key, value in words.items():
            found |= {f"{key}.{k}" for k in keys(value)} if isinstance(value, dict) else {key}
        return found

    english = keys(WORDS["en"])
    checklists = {"offboard": "offboarding", "onboard": "onboarding"}
    items = {f"items.{kind}.{i.id}" for kind, name in checklists.items() for i in load_checklist(name).items}
    for language in set(languages()) - {"en"}:
        assert keys(WORDS[language]) == english | items


@pytest.mark.parametrize(
    "word", ["complian", "certifie", "cumple con", "certificad", "sumusunod sa batas", "guarantee"]
)
def test_no_word_says_that_any_law_is_met(word):
    told = json.dumps({k: v for k, v in WORDS.items() if k != "version"}, ensure_ascii=False).casefold()
    assert word not in told


def test_a_fraction_of_a_second_is_told_as_its_end(signer):
    at = FRIDAY + timedelta(microseconds=250_000)
    instant = CertifiedInstant("not later than", None, at, "why")
    access = (CertifiedAccess("Directory", "d", "", "ended", FRIDAY, instant=instant),)
    page = render_html(ours(signer, access=access), "en", packed(ours(signer, access=access)))
    assert "not later than 2026-10-30 17:42:11 CDT" in page

"""LDIF exports: what is read, what is refused, and when a file does not prove itself whole."""

import base64
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.collect import collect
from connectors.directory.ldif import connector as ldif
from connectors.directory.ldif.parse import MAX_LINE, LdifReader
from connectors.errors import AuditorError, InputError, SourceTruncated
from connectors.facts import Collection, Complete, Partial, Status, System, SystemKind
from tests.completeness import evidence, reason

SYSTEM = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)

VA1 = "dn: uid=va1,dc=t\nobjectClass: inetOrgPerson\nuid: va1\ncn: VA One\nnsUniqueId: u-1\n\n"
VA2 = "dn: uid=va2,dc=t\nobjectClass: inetOrgPerson\nuid: va2\ncn: VA Two\nnsUniqueId: u-2\n\n"
BILLING = "dn: cn=billing,dc=t\nobjectClass: groupOfNames\ncn: billing\nmember: uid=va1,dc=t\n\n"
HEADER = "# extended LDIF\n#\n# base <dc=t> with scope subtree\n# filter: (objectclass=*)\n# requesting: * + \n#\n\n"


def end(entries: int, result: str = "0 Success") -> str:
    return f"# search result\nsearch: 2\nresult: {result}\n\n# numResponses: {entries + 1}\n# numEntries: {entries}\n"


def write(folder: Path, content: str | bytes) -> Path:
    file = folder / "export.ldif"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def entries(folder: Path, content: str | bytes) -> list[tuple[int, str, dict[str, list[bytes]]]]:
    return [(r.line, r.entry.dn, dict(r.entry.attributes)) for r in LdifReader(write(folder, content))]


def read(folder: Path, content: str | bytes, **options: object) -> Collection:
    """Read it; where it has no end of its own, as many entries are expected as it holds, unless told otherwise."""
    text = content if isinstance(content, str) else content.decode("utf-8", "replace")
    if "# extended LDIF" not in text and "expect_entries" not in options:
        options["expect_entries"] = max(1, len(re.findall(r"^dn:", text, re.MULTILINE)))
    chosen = ldif.Settings.model_validate({"file": write(folder, content), **options})
    return collect(ldif.connect(SYSTEM, chosen, folder))


def test_every_form_of_a_value_is_read(tmp_path):
    content = (
        "version: 1\n# a comment\n  that goes on\n\n"
        "dn: uid=va1,\n dc=t\ncn: a\n  b\nCN:  spaces\nempty:\nnote:: w6Q=\ndescription;lang-de: x\n"
        "# a comment inside\nraw: grün\n\n\n"
        "dn:: dWlkPXZhMixkYz10\nuid: va2\n\n"
    )
    assert entries(tmp_path, content) == [
        (
            5,
            "uid=va1,dc=t",
            {
                "cn": [b"a b", b"spaces"],
                "empty": [b""],
                "note": ["ä".encode()],
                "description;lang-de": [b"x"],
                "description": [b"x"],
                "raw": ["grün".encode()],
            },
        ),
        (17, "uid=va2,dc=t", {"uid": [b"va2"]}),
    ]


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path):
    plain = entries(tmp_path, VA1 + VA2)
    assert entries(tmp_path, b"\xef\xbb\xbf" + (VA1 + VA2).replace("\n", "\r\n").encode()) == plain


def test_the_entries_of_windows_ldifde_are_entries_though_they_say_add(tmp_path):
    assert len(entries(tmp_path, VA1.replace("\nobject", "\nchangetype: add\nobject", 1))) == 1


@pytest.mark.parametrize(
    ("content", "line", "told"),
    [
        (VA1 + VA2.replace("uid: va2", "uid va2"), 9, "this line is not LDIF: found `uid va2`"),
        (VA1 + VA2.replace("uid: va2", ": va2"), 9, "this line is not LDIF"),
        (VA1 + VA2.replace("uid: va2", "uid:: va2!"), 9, "`uid`: the value is not base64"),
        (VA1 + VA2.replace("uid: va2", "uid:: YQ"), 9, "the value is not base64"),
        (VA1 + VA2.replace("uid: va2", "photo:< file:///etc/passwd"), 9, "a value outside the file is not followed"),
        (VA1 + VA2.replace("uid: va2", "changetype: delete"), 9, "this is a change, not an entry"),
        (VA1 + VA2.replace("uid: va2", "changetype: modify"), 9, "this is a change, not an entry"),
        (VA1 + VA2.replace("uid: va2", "dn: uid=va3,dc=t"), 9, "a record has two DNs"),
        (VA1 + VA2.replace("dn: uid=va2,dc=t\n", ""), 7, "this line belongs to no record"),
        (VA1.replace("uid: va1\n", "\nuid: va1\n") + VA2, 4, "this line belongs to no record"),
        ("version: 2\n\n" + VA1, 1, "unknown version of LDIF: found `2`"),
        (VA1 + VA2[:-3], 11, "the file stops in the middle of a line"),
        (VA1 + " stray\n\n", 7, "this line belongs to no record"),
        (VA1 + VA1, 7, "the entry of line 1 stands twice"),
        (VA1 + VA1.replace("uid=va1,dc=t", "UID=VA1, DC=T"), 7, "the entry of line 1 stands twice"),
        (VA1 + VA2.replace("uid=va2,dc=t", "nobody"), 7, "this is no DN"),
        (VA1 + VA2.replace("dn: uid=va2,dc=t", "dn:: //8="), 7, "the DN is not UTF-8"),
        (VA1 + VA2.replace("uid: va2", "pwdEndTime: soon"), 7, "`pwdendtime`: an attribute has a wrong value: found"),
        (VA1.encode("utf-16"), 1, "the file is not UTF-8"),
        (VA1 + "result: good\n\n", 7, "this is not a result"),
    ],
)  # fmt: skip
def test_a_broken_line_is_told_with_file_line_and_remedy(content, line, told, tmp_path):
    text = reason(read(tmp_path, content))
    assert text.startswith(f"{tmp_path / 'export.ldif'}, line {line}")
    assert told in text


def test_a_file_that_is_missing_is_not_an_empty_directory(tmp_path):
    settings = ldif.Settings(file=Path("nowhere.ldif"))
    assert "there is no such file" in reason(collect(ldif.connect(SYSTEM, settings, tmp_path)))
    assert "no account at all" in reason(read(tmp_path, HEADER + end(0)))


@pytest.mark.parametrize(
    "content",
    [
        b"dn: uid=a,dc=t\ncn: " + b"a" * MAX_LINE + b"\n\n",
        b"dn: uid=a,dc=t\ncn: a\n" + b" aaaaaaaa\n" * (MAX_LINE // 8),
        b"a" * (2 * MAX_LINE),
    ],
)
def test_an_endless_line_is_refused_without_filling_the_memory(content, tmp_path):
    with pytest.raises(InputError, match="the line is too long"):
        entries(tmp_path, content)


def test_accounts_groups_and_grants_are_read_in_any_order(tmp_path):
    for content in (VA1 + VA2 + BILLING, BILLING + VA2 + VA1):
        collection = read(tmp_path, content)
        assert [(a.id, a.login, a.status) for a in collection.accounts] == [
            ("u-1", "va1", Status.ACTIVE),
            ("u-2", "va2", Status.ACTIVE),
        ]
        assert [(g.account, g.entitlement, g.path) for g in collection.grants] == [("u-1", "cn=billing,dc=t", ())]


def test_a_search_that_counted_and_ended_well_is_the_proof(tmp_path):
    proof = evidence(read(tmp_path, HEADER + VA1 + BILLING + end(2)))
    assert proof["end"] == "result 0 of the search, which counted 2 entries, all in the file"
    assert "base <dc=t> with scope subtree" in proof["scope"]
    assert len(proof["sha256"]) == 64


def test_a_search_in_pages_counts_once_at_its_end(tmp_path):
    page = "# search result\nsearch: 2\nresult: 0 Success\ncontrol: 1.2.840.113556.1.4.319 false MAUCAQAEAA==\n"
    first, last = page + "pagedresults: cookie=BQAAAAAAAAA=\n", page + "pagedresults: cookie=\n"
    counts = "\n# numResponses: 4\n# numEntries: 2\n"
    assert "counted 2 entries" in evidence(read(tmp_path, HEADER + VA1 + first + HEADER + VA2 + last + counts))["end"]
    assert "stops before" in reason(read(tmp_path, HEADER + VA1 + first))
    assert "stops before" in reason(read(tmp_path, VA1 + "# pagedresults: cookie=BQAAAAAAAAA=\n"))


def test_two_searches_in_one_file_each_count_their_own(tmp_path):
    joined = HEADER + VA1 + end(1) + HEADER + BILLING + end(1)
    assert "counted 2 entries" in evidence(read(tmp_path, joined))["end"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (HEADER + VA1 + end(1, "4 Size limit exceeded"), "ended in result `4 Size limit exceeded`"),
        (HEADER + VA1 + end(1, "3 Time limit exceeded"), "ended in result `3 Time limit exceeded`"),
        (HEADER + VA1 + end(2), "says that it has 2 entries but holds 1"),
        (HEADER + VA1 + VA2 + end(1), "says that it has 1 entries but holds 2"),
        (HEADER + VA1, "stops before the search says how it ended"),
        (HEADER + VA1 + end(1) + HEADER + VA2, "stops before the search says how it ended"),
        (HEADER + VA1 + "# search result\nsearch: 2\nresult: 0 Success\n", "stops before the search"),
        (VA1 + VA2[:-1], "the last record is not closed by an empty line"),
        (HEADER + VA1 + "# search reference\nref: ldap://other/dc=x,dc=t??sub\n\n" + end(1), "on another server"),
        (VA1 + "# refldap://other/dc=x,dc=t??sub\n\n", "on another server"),
        (VA1 + "dn: ou=x,dc=t\nobjectClass: referral\nou: x\n\n", "on another server"),
        (VA1 + BILLING.replace("member:", "member;range=0-1499:"), "only the first 1500 members"),
    ],
)
def test_a_file_that_is_a_part_is_partial(content, told, tmp_path):
    assert told in reason(read(tmp_path, content))


def test_references_to_active_directorys_own_partitions_are_no_gap(tmp_path):
    reference = "# search reference\nref: ldaps://t.test/CN=Configuration,DC=t,DC=test\n\n"
    assert evidence(read(tmp_path, HEADER + VA1 + reference + end(1)))


def test_every_cut_of_a_proven_export_is_noticed(tmp_path):
    """Whole minus its tail, at every byte: never the same facts with less proof, and never fewer facts as whole."""
    content = (HEADER + VA1 + VA2 + BILLING + end(3)).encode()
    whole = read(tmp_path, content)
    for size in range(len(HEADER), len(content)):
        cut = read(tmp_path, content[:size])
        assert isinstance(cut.completeness, Partial), size
    assert isinstance(whole.completeness, Complete)


def test_an_expected_number_of_accounts_is_checked(tmp_path):
    assert evidence(read(tmp_path, VA1 + VA2, expect_accounts=2))["total"].startswith("2 stated")
    assert "said it has 3 accounts but returned 2" in reason(read(tmp_path, VA1 + VA2, expect_accounts=3))


def test_an_export_that_does_not_tell_its_end_needs_the_number_that_the_tool_reported(tmp_path):
    bare, told = VA1 + VA2 + BILLING, "nothing shows that it is whole"
    assert told in reason(read(tmp_path, bare, expect_entries=None))
    assert told in reason(read(tmp_path, bare, expect_entries=None, expect_accounts=2)), "groups could be missing"
    assert "3 entries, as many as" in evidence(read(tmp_path, bare, expect_entries=3))["end"]
    assert "is 3, and the file holds 2 entries" in reason(read(tmp_path, VA1 + VA2, expect_entries=3))


def test_a_count_without_a_result_proves_nothing_because_a_limit_is_counted_as_well(tmp_path):
    counted = "# search result\n\n# numResponses: 3\n# numEntries: 2\n"
    assert "nothing shows" in reason(read(tmp_path, VA1 + VA2 + counted, expect_entries=None))
    joined = VA1 + counted.replace("2\n", "1\n") + HEADER + VA2 + end(1)
    assert "stops before the search says how it ended" in reason(read(tmp_path, joined, expect_entries=None))


def test_a_canary_that_is_missing_makes_it_partial(tmp_path):
    assert "did not return the account `va3`" in reason(read(tmp_path, VA1 + VA2, canary="va3"))


def test_only_what_lies_below_the_base_counts(tmp_path):
    other = VA2.replace("dc=t", "dc=other")
    assert [a.login for a in read(tmp_path, VA1 + other, base_dn="DC=T").accounts] == ["va1"]


def test_the_facts_are_as_old_as_the_file(tmp_path):
    file = write(tmp_path, HEADER + VA1.replace("uid: va1", "uid: va1\npwdEndTime: 20261101000000Z") + end(1))
    for moment, status in (("2026-10-31", Status.ACTIVE), ("2026-11-02", Status.EXPIRED)):
        written = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        os.utime(file, (written.timestamp(), written.timestamp()))
        collection = collect(ldif.connect(SYSTEM, ldif.Settings(file=file), tmp_path))
        assert collection.as_of == written
        assert collection.accounts[0].status is status, "an account that ended later was still open then"


def test_members_that_were_not_exported_are_counted_not_invented(tmp_path):
    collection = read(tmp_path, VA1 + BILLING.replace("member:", "member: uid=gone,dc=t\nmember:"))
    assert evidence(collection)["unknown-members"].startswith("1 member")
    assert len(collection.grants) == 1


def test_a_group_whose_members_are_computed_is_not_taken_for_empty(tmp_path):
    dynamic = "dn: cn=all,dc=t\nobjectClass: groupOfURLs\ncn: all\nmemberURL: ldap:///dc=t??sub?(uid=*)\n\n"
    mixed = dynamic.replace("cn=all", "cn=mixed").replace("cn: all", "cn: mixed\nmember: uid=va1,dc=t")
    for text in (VA1 + VA2 + dynamic, VA1 + VA2 + mixed):
        collection = read(tmp_path, text)
        held = {g.account for g in collection.grants if g.entitlement == "ldap:computed-members-not-read"}
        assert held == {"u-1", "u-2"}, "anybody may be in it"
    assert ("u-1", "cn=mixed,dc=t") in {(g.account, g.entitlement) for g in collection.grants}
    name = collection.entitlements["ldap:computed-members-not-read"].name
    assert name == "members that a search decides, which was not run, of 1 groups: `mixed`"


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_bytes_are_records_or_a_clear_error(tmp_path, tail):
    file = write(tmp_path, VA1.encode() + tail)
    told = f"{file}: whole"
    try:
        assert next(iter(list(LdifReader(file)))).line == 1
    except AuditorError as error:
        told = error.message
    assert told.startswith(str(file))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5), st.integers(10, 80))
def test_values_survive_base64_and_folding(tmp_path, values, width):
    text = "dn: uid=a,dc=t\n"
    for value in values:
        line = f"v:: {base64.b64encode(value).decode()}"
        text += "\n ".join(line[at : at + width] for at in range(0, len(line), width)) + "\n"
    assert entries(tmp_path, text + "\n") == [(1, "uid=a,dc=t", {"v": values})]


def test_the_error_of_a_cut_is_of_the_documented_kind(tmp_path):
    connector = ldif.connect(SYSTEM, ldif.Settings(file=write(tmp_path, HEADER + VA1)), tmp_path)
    with pytest.raises(SourceTruncated):
        connector.read_page(None)


TOP = "dn: dc=t\nobjectClass: domain\ndc: t\n\n"
STAFF = VA1.replace("uid=va1,dc=t", "uid=va1,ou=people,dc=t")
LEAVER = VA2.replace("uid=va2,dc=t", "uid=va2,ou=leavers,dc=t")


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (TOP + STAFF + LEAVER, {}, None),
        (TOP + STAFF, {"base_dn": "ou=people,dc=t"}, None),  # nothing else is there
        (TOP + STAFF + LEAVER, {"base_dn": "ou=people,dc=t"}, "1 accounts of the file stand elsewhere"),
        (STAFF, {}, "the file holds no top of a directory"),
        (HEADER + STAFF + end(1), {}, None),
        (HEADER.replace("dc=t", "ou=people,dc=t") + STAFF + end(1), {}, "only what stands under `ou=people,dc=t`"),
        (HEADER.replace("subtree", "oneLevel") + STAFF + end(1), {}, "only what stands directly at `dc=t`"),
    ],
)
def test_a_file_that_holds_a_part_of_the_directory_says_so(tmp_path, content, options, told):
    found = evidence(read(tmp_path, content, **options)).get("base")
    assert (found is None) if told is None else (told in found)

# ruff: noqa: E501 - tables are read across
"""
The directory: Active Directory as `ldapsearch` prints it, groups and users in one LDIF with the search's own end.

`ldapsearch -E pr=500/noprompt -b DC=lakeside,DC=example,DC=test '(|(objectClass=user)(objectClass=group))' …`
"""

import base64
import hashlib
import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

from story.files import Files, Row, table
from story.people import Period

_BASE = "DC=lakeside,DC=example,DC=test"
_DOMAIN_SID = (21, 2718281828, 314159265, 1618033988)
_NEVER = "9223372036854775807"
_ATTRIBUTES = (
    "objectClass cn sAMAccountName displayName mail employeeID objectGUID objectSid primaryGroupID userAccountControl "
    "accountExpires lastLogonTimestamp whenCreated member"
)
_NORMAL, _DISABLED, _PASSWORD_NEVER_EXPIRES, _DOMAIN_CONTROLLER = 0x200, 0x2, 0x10000, 0x82000


_PLACES = {"staff": "OU=Staff,OU=People", "vma": "OU=VMA,OU=People", "services": "OU=Services", "built-in": "CN=Users"}
# `last` is lastLogonTimestamp, which may be two weeks late; `closed` says when the account is disabled.
_USERS = table("""
cn                    | login         | rid  | place    | id     | created          | closed  | last 2026-q3     | last 2026-11
Administrator         | Administrator | 500  | built-in | -      | 2019-03-04 15:00 | always  | 2024-11-30 16:00 | 2024-11-30 16:00
Guest                 | Guest         | 501  | built-in | -      | 2019-03-04 15:00 | always  | -                | -
krbtgt                | krbtgt        | 502  | built-in | -      | 2019-03-04 15:02 | always  | -                | -
Helen Brandt          | hbrandt       | 1105 | staff    | -      | 2019-03-05 14:10 | -       | 2026-09-24 13:00 | 2026-11-16 14:00
Miriam Osei           | mosei         | 1106 | staff    | -      | 2020-06-15 14:30 | -       | 2026-09-25 13:04 | 2026-11-17 14:08
Laura Pettersen       | lpettersen    | 1107 | staff    | -      | 2019-03-05 14:20 | -       | 2026-09-28 12:31 | 2026-11-18 13:40
Tessa Morgan          | tmorgan       | 1109 | staff    | -      | 2021-02-01 15:00 | -       | 2026-09-23 12:47 | 2026-11-13 13:49
Gordon Hale           | ghale         | 1112 | staff    | -      | 2022-08-22 13:00 | -       | 2026-09-22 13:12 | 2026-11-12 14:15
Dana Kowalski         | dkowalski     | 1114 | staff    | -      | 2023-05-08 13:05 | -       | 2026-09-28 12:52 | 2026-11-16 13:54
Nikhil Varma          | nvarma        | 1146 | staff    | -      | 2026-09-14 13:30 | -       | 2026-09-25 13:05 | 2026-11-17 14:05
Amy Tran              | atran         | 1147 | staff    | -      | 2026-09-14 13:35 | -       | 2026-09-24 12:57 | 2026-11-16 13:55
Maricel Dizon Aquino  | maquino       | 1130 | vma      | VMA-01 | 2025-01-13 14:00 | -       | 2026-09-24 12:59 | 2026-11-13 13:59
Jenny Rose Villanueva | jvillanueva   | 1131 | vma      | VMA-02 | 2025-01-13 14:05 | -       | 2026-09-25 12:56 | 2026-11-17 13:57
Carlos Mejía Ospina   | cmejia        | 1134 | vma      | VMA-03 | 2025-06-02 13:20 | -       | 2026-09-22 12:58 | 2026-11-12 13:58
Anjali Deshpande      | adeshpande    | 1136 | vma      | VMA-04 | 2025-09-08 13:30 | -       | 2026-09-28 13:01 | 2026-11-18 14:01
Tomás Quiroga Salas   | tquiroga      | 1140 | vma      | VMA-05 | 2026-02-16 14:10 | -       | 2026-09-23 13:00 | 2026-11-16 14:00
# A leaver as it should be done, here: closed when the engagement ended.
Denise Calloway       | dcalloway     | 1137 | vma      | VMA-06 | 2025-11-03 14:15 | 2026-11 | 2026-09-24 13:02 | 2026-10-14 13:03
# Nobody has entered her number here: the roster names her login.
Priya Raghunathan     | praghunathan  | 1144 | vma      | -      | 2026-08-03 13:40 | -       | 2026-09-25 13:03 | 2026-11-18 14:02
Marcus Whitfield      | mwhitfield    | 1150 | vma      | VMA-08 | 2026-10-26 13:10 | -       | -                | 2026-11-16 14:04
Rosa Isela Camacho    | rcamacho      | 1155 | vma      | VMA-09 | 2026-11-09 14:00 | -       | -                | 2026-11-16 14:11
# As it should be: made ready before 1 December, and closed until then.
Grace Ann Salonga     | gsalonga      | 1156 | vma      | VMA-10 | 2026-11-12 16:30 | always  | -                | -
Northgate IT          | northgate     | 1120 | services | -      | 2024-01-15 15:00 | -       | 2026-09-22 22:10 | 2026-11-16 23:20
Scanner service       | svc-scan      | 1121 | services | -      | 2023-09-11 15:00 | -       | 2026-09-26 06:00 | 2026-11-15 07:00
""")  # fmt: skip
_EXPORTED = ("2026-09-30 16:30", "2026-11-20 16:30")
"""Who was created later is not in the export."""

# Members are logins; `CN=…` is a group in the group.
_GROUPS = table("""
group           | rid  | members 2026-q3                         | members 2026-11
# Nobody sees it in a user's `memberOf`, but who is in IT-Helpers is a domain administrator.
Domain Admins   | 512  | Administrator CN=IT-Helpers             | Administrator CN=IT-Helpers
Domain Users    | 513  | -                                       | -
Domain Guests   | 514  | -                                       | -
# In October somebody let Jenny Rose join, "to help with Hillcrest's printers".
IT-Helpers      | 1160 | northgate                               | northgate jvillanueva
Practice-Staff  | 1161 | hbrandt mosei tmorgan lpettersen ghale dkowalski nvarma atran | =
VMA-All         | 1170 | CN=VMA-FrontDesk CN=VMA-Scheduling CN=VMA-PatientComm CN=VMA-Eligibility CN=VMA-PriorAuth CN=VMA-Scribe CN=VMA-Billing | =
VMA-FrontDesk   | 1171 | jvillanueva                             | jvillanueva rcamacho
VMA-Scheduling  | 1172 | cmejia tquiroga                         | tquiroga
VMA-PatientComm | 1173 | dcalloway                               | -
VMA-Eligibility | 1174 | -                                       | -
VMA-PriorAuth   | 1175 | praghunathan                            | =
VMA-Scribe      | 1176 | adeshpande                              | =
VMA-Billing     | 1177 | maquino                                 | cmejia maquino
# Two groups that hold each other: whoever is in one is in both.
Scan-Share      | 1180 | svc-scan CN=VMA-PriorAuth CN=Fax-Share  | =
Fax-Share       | 1181 | dkowalski CN=Scan-Share                 | =
# Signing in takes a second factor for its members. Marcus was forgotten.
MFA-Enforced    | 1190 | CN=Practice-Staff northgate maquino jvillanueva cmejia adeshpande tquiroga praghunathan dcalloway | CN=Practice-Staff northgate maquino jvillanueva cmejia adeshpande tquiroga praghunathan dcalloway rcamacho gsalonga
# Made for the second location; nobody has written down what it opens.
Hillcrest-Share | 1195 | absent                                  | tquiroga
""")  # fmt: skip


def file(period: Period) -> str:
    """Return the LDIF of one moment."""
    users = [u for u in _USERS if u["created"] < _EXPORTED[period]]
    entries = [
        _group(g["group"], int(g["rid"]), members) for g in _GROUPS if (members := _members(g, period)) is not None
    ]
    entries += [_user(user, period) for user in users]
    entries.append(_domain_controller())
    head = (
        "# extended LDIF\n#\n# LDAPv3\n"
        f"# base <{_BASE}> with scope subtree\n"
        "# filter: (|(objectClass=user)(objectClass=group))\n"
        f"# requesting: {_ATTRIBUTES} \n"
        "# with pagedResults control: size=500\n#\n"
    )
    end = (
        "# search result\nsearch: 2\nresult: 0 Success\n"
        "control: 1.2.840.113556.1.4.319 false MAUCAQAEAA==\npagedresults: cookie=\n\n"
        f"# numResponses: {len(entries) + 1}\n# numEntries: {len(entries)}\n"
    )
    return "\n".join([head, *entries, end])


def files(period: Period, path: str) -> Files:
    """Return the LDIF as a file."""
    return {path: file(period)}


def _members(group: Row, period: Period) -> list[str] | None:
    """Return the members at one moment; `=` means as before, `absent` that there is no such group yet."""
    text = group[f"members {period.folder}"]
    text = group[f"members {Period.Q3.folder}"] if text == "=" else text
    return None if text == "absent" else text.split()


def _group(name: str, rid: int, members: list[str]) -> str:
    dn = dn_of_group(name)
    lines: list[tuple[str, str | bytes]] = [("objectClass", c) for c in ("top", "group")]
    lines += [("cn", name), ("sAMAccountName", name)]
    lines += [
        ("member", dn_of_group(m.removeprefix("CN=")) if m.startswith("CN=") else dn_of_login(m)) for m in members
    ]
    created = {512: "2019-03-04 15:00", 513: "2019-03-04 15:00", 514: "2019-03-04 15:00", 1195: "2026-10-28 17:05"}
    lines += [("whenCreated", _generalized(created.get(rid, "2024-12-16 15:30")))]
    return _entry(dn, [*lines, ("objectGUID", _guid(dn)), ("objectSid", _sid(rid))])


def _user(user: Row, period: Period) -> str:
    closed = user["closed"] in ("always", period.folder)
    control = _NORMAL | (_DISABLED if closed else 0)
    if user["login"] == "svc-scan":
        control |= _PASSWORD_NEVER_EXPIRES
    dn = _dn_of_user(user)
    lines: list[tuple[str, str | bytes]] = [
        ("objectClass", c) for c in ("top", "person", "organizationalPerson", "user")
    ]
    lines += [("cn", user["cn"]), ("sAMAccountName", user["login"]), ("displayName", user["cn"])]
    if user["place"] in ("staff", "vma"):
        lines.append(("mail", f"{user['login']}@lakeside.example.test"))
    if user["id"]:
        lines.append(("employeeID", user["id"]))
    lines += [
        ("objectGUID", _guid(dn)),
        ("objectSid", _sid(int(user["rid"]))),
        ("primaryGroupID", "514" if user["login"] == "Guest" else "513"),
        ("userAccountControl", str(control)),
        ("accountExpires", _NEVER),
        ("whenCreated", _generalized(user["created"])),
    ]
    if last := user[f"last {period.folder}"]:
        lines.append(("lastLogonTimestamp", _filetime(last)))
    return _entry(dn, lines)


def _domain_controller() -> str:
    """Return the account of the only server: with one, its log is the whole domain's."""
    dn = f"CN=DC1,OU=Domain Controllers,{_BASE}"
    lines: list[tuple[str, str | bytes]] = [
        ("objectClass", c) for c in ("top", "person", "organizationalPerson", "user", "computer")
    ]
    lines += [("cn", "DC1"), ("sAMAccountName", "DC1$"), ("objectGUID", _guid(dn)), ("objectSid", _sid(1000))]
    lines += [("primaryGroupID", "516"), ("userAccountControl", str(_DOMAIN_CONTROLLER)), ("accountExpires", _NEVER)]
    return _entry(dn, [*lines, ("whenCreated", _generalized("2019-03-04 15:02"))])


def sid_of_login(login: str) -> str:
    """Return the SID of somebody, as a log writes it."""
    rid = next(user["rid"] for user in _USERS if user["login"] == login)
    return "-".join(["S-1-5", *map(str, _DOMAIN_SID), rid])


def guid_of_login(login: str) -> str:
    """Return the objectGUID of somebody, as a log writes it."""
    return str(UUID(bytes_le=_guid(dn_of_login(login))))


def dn_of_group(group: str) -> str:
    """Return the DN of a group."""
    return f"CN={group},{'CN=Users' if group.startswith('Domain ') else 'OU=Groups'},{_BASE}"


def _dn_of_user(user: Row) -> str:
    return f"CN={user['cn']},{_PLACES[user['place']]},{_BASE}"


def dn_of_login(login: str) -> str:
    """Return the DN of somebody."""
    return next(_dn_of_user(u) for u in _USERS if u["login"] == login)


def _entry(dn: str, lines: list[tuple[str, str | bytes]]) -> str:
    parts = [part.partition("=")[2] for part in dn.removesuffix("," + _BASE).split(",")]
    domain = ".".join(part.partition("=")[2] for part in _BASE.split(","))
    comment = "".join(
        c if c.isascii() else "".join(f"\\{b:02X}" for b in c.encode()) for c in ", ".join([*parts, domain])
    )
    return "".join([f"# {comment}\n", *(_line(name, value) for name, value in [("dn", dn), *lines])])


def _line(name: str, value: str | bytes) -> str:
    """Write one attribute as RFC 4514 and RFC 2849 want it: base64 unless it is plain ASCII, folded at 78 columns."""
    plain = isinstance(value, str) and value.isascii()
    data = value.encode() if isinstance(value, str) else value
    text = f"{name}: {value!s}" if plain else f"{name}:: {base64.b64encode(data).decode()}"
    width = 78
    pieces = [text[:width], *(text[i : i + width - 1] for i in range(width, len(text), width - 1))]
    return "\n ".join(pieces) + "\n"


def _guid(dn: str) -> bytes:
    """Derive an objectGUID from the name, so that it is the same in every run and at both moments."""
    return hashlib.sha256(dn.encode()).digest()[:16]


def _sid(rid: int) -> bytes:
    """Encode S-1-5-21-…-RID. Source: MS-DTYP 2.4.2.2."""
    authorities = (*_DOMAIN_SID, rid)
    return struct.pack(">BBHL", 1, len(authorities), 0, 5) + struct.pack(f"<{len(authorities)}L", *authorities)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def _generalized(text: str) -> str:
    return f"{_instant(text):%Y%m%d%H%M%S}.0Z"


def _filetime(text: str) -> str:
    """Count 100 ns since 1601-01-01 UTC. Source: MS-DTYP 2.3.3."""
    return str((_instant(text) - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10)

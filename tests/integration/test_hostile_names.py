"""Whoever may choose a name in a live system steers neither report nor terminal; no secret gets there either."""

import base64
import json
from contextlib import ExitStack
from html.parser import HTMLParser

import pytest

from auditor.cli import run
from tests.integration.slapd import slapd
from tests.servers import drchrono, elation, fhir, oauth, openmrs, scim
from tests.servers.directory import OUS, group

EVIL = "<img src=x onerror=alert(1)>\u202egnp\u200b{{7*7}}\x07\x1b[2J"
PLAIN = "<img src=x onerror=alert(1)>\u202egnp\u200b{{7*7}}"
"""Without control characters, for the sources that refuse or drop them."""
SECRETS = {
    "X_MRS": openmrs.PASSWORD, "X_CHRONO": drchrono.TOKEN, "X_ELA_ID": elation.CLIENT_ID,
    "X_ELA": elation.CLIENT_SECRET, "X_SCIM": scim.TOKEN, "X_FHIR": oauth.SECRET, "X_LDAP": "secret-of-the-reader",
}  # fmt: skip
FILES = {
    "roster.csv": "vma_id,name,email,agency,employment,roles,start,logins\n"
    'V-1,Ana Ruiz,ana@x.example,Harbor LLC,employee,front_desk,2026-01-05,"mrs:mreyes;chrono:mreyes;'
    'ela:mreyes@practice.example;idp:mreyes;fhir:mreyes;dir:va01"\n',
    "agreements.yaml": "agreements:\n"
    "  - {id: BAA, kind: baa, between: [practice, Harbor LLC], signed_by_both: true, from: 2026-01-01}\n",
}


@pytest.fixture
def systems(tmp_path):
    """Six live systems in which somebody chose a hostile name for an account and for what it holds."""
    with ExitStack() as stack:
        mrs = openmrs.FakeOpenMrs()
        mrs.users[1]["username"] = EVIL
        chrono = drchrono.FakeDrChrono()
        chrono.users[6]["username"] = EVIL
        chrono.groups[0]["name"] = EVIL
        ela = elation.FakeElation()
        ela.users[0]["email"] = ela.users[0]["first_name"] = EVIL
        ela.delegations[0]["permission_type"] = EVIL
        idp = stack.enter_context(
            scim.scim_server(people=[scim.person("auditor", "A", "B"), scim.person("mreyes", PLAIN, "R",
                             roles=[{"value": PLAIN, "display": PLAIN}]), scim.person(PLAIN, "E", "V")])
        )  # fmt: skip
        service = stack.enter_context(fhir.fhir_service())
        service.resources["Practitioner"][2]["name"] = [{"family": EVIL, "given": [EVIL]}]
        name = base64.b64encode(EVIL.encode()).decode()
        person = "dn: uid={},ou=people,dc=t\nobjectClass: inetOrgPerson\nuid: {}\ncn:: " + name + "\nsn: x\n\n"
        entries = OUS + person.format("va01", "va01") + person.format("va02", "va02")
        entries += group("g", "uid=va01,ou=people,dc=t").replace("cn: g\n", f"cn: g\ncn:: {name}\n")
        ldap = stack.enter_context(slapd(tmp_path / "slapd", entries))
        yield {
            "mrs": ("openmrs", "openmrs", {"url": f"{stack.enter_context(openmrs.openmrs(mrs)).url}/openmrs",
                    "username": openmrs.USERNAME, "password_env": "X_MRS"}),
            "chrono": ("drchrono", "drchrono", {"url": stack.enter_context(drchrono.drchrono(chrono)).url,
                       "token_env": "X_CHRONO", "canary": "mreyes"}),
            "ela": ("elation", "elation", {"url": stack.enter_context(elation.elation(ela)).url,
                    "client_id_env": "X_ELA_ID", "client_secret_env": "X_ELA"}),
            "idp": ("scim", "scim", {"url": idp.url, "token_env": "X_SCIM", "canary": "auditor"}),
            "fhir": ("fhir", "smart-scopes", {"url": service.base, "client_id": "access-auditor",
                     "client_secret_env": "X_FHIR", "login_system": fhir.LOGINS}),
            "dir": ("ldap", "ldap", {"url": ldap.ldaps_url, "ca_file": str(ldap.ca_file), "base_dn": "dc=t",
                    "bind_dn": ldap.bind_dn, "password_env": "X_LDAP", "canary": "va01"}),
        }, ldap.password  # fmt: skip


class Tags(HTMLParser):
    """Every tag of a page that could run something."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        self.found += [tag] if tag == "img" else []


def test_a_hostile_name_from_any_live_system_is_only_ever_text(systems, tmp_path, monkeypatch, capsys):
    found, password = systems
    for variable, value in {**SECRETS, "X_LDAP": password}.items():
        monkeypatch.setenv(variable, value)
    data = {
        id_: {"kind": "directory" if id_ in ("dir", "idp") else "ehr", "product": product, "title": id_,
              "connector": connector, "holds_phi": True, "vendor": "self", "settings": settings}
        for id_, (connector, product, settings) in found.items()
    }  # fmt: skip
    head = {"practice": {"id": "p", "name": "P", "timezone": "UTC"}, "roster": {"file": "roster.csv"}}
    config = tmp_path / "auditor.yaml"
    config.write_text(json.dumps({**head, "agreements": "agreements.yaml", "systems": data}))
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)

    written = []
    for command in (["audit"], ["audit", "--format=json"], ["doctor"], ["catalog", "check"]):
        code = run([*command, str(config)])
        out = capsys.readouterr()
        written.append(out.out + out.err)
        assert code in (0, 1, 2), written[-1]
    for text in written:
        assert "\x1b[2J" not in text
        assert "\x07" not in text
        if not text.startswith("{"):
            assert "\u202e" not in text
    result = json.loads(written[1][written[1].index("{") : written[1].rindex("}") + 1])
    assert {s["id"]: s["complete"] for s in result["systems"]} == dict.fromkeys(found, True), result["systems"]
    assert {f["system"] for f in result["findings"] if "onerror" in str(f)} == set(found), "each source told the name"
    page = (tmp_path / "report.html").read_text()
    tags = Tags()
    tags.feed(page)
    assert not tags.found
    assert "onerror=alert(1)" in page, "it is told, as text"
    assert "\x1b" not in page
    store = (tmp_path / "auditor.db").read_bytes().decode("utf-8", "replace")
    for secret in {*SECRETS.values(), password} - {"reader", elation.CLIENT_ID}:
        assert secret not in page + "".join(written) + store + config.read_text()

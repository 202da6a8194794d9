# ruff: noqa: E501 - tables are read across
"""
The people of Lakeside Family Medicine and their engagements, at two moments.

Everybody here is invented. A pair of values is always (2026-q3, 2026-11).
"""

from enum import IntEnum

from story.files import Files, csv_text, table

HARBOR = "Harbor Assist LLC"
BLUEHERON = "BlueHeron Virtual Staffing Inc"


class Period(IntEnum):
    """The two moments at which the practice is audited."""

    Q3 = 0
    """2026-09-30T17:00:00Z: one location, seven VMAs, the quarter's audit."""
    NOV = 1
    """2026-11-20T17:00:00Z: a second location has opened; two VMAs have joined, one has left, one has a new role."""

    @property
    def folder(self) -> str:
        """Return the folder of its files, which also names its columns in the tables."""
        return ("2026-q3", "2026-11")[self]


_AGENCIES = {
    "Harbor": (HARBOR, "harborassist.example.com"),
    "BlueHeron": (BLUEHERON, "blueheron.example.com"),
}
_VMAS = table("""
id     | name                  | mail                 | agency    | employment | start      | hours
VMA-01 | Maricel Dizon Aquino  | maricel.aquino       | Harbor    | employee   | 2025-01-13 | 40
VMA-02 | Jenny Rose Villanueva | jennyrose.villanueva | Harbor    | employee   | 2025-01-13 | 40
VMA-03 | Carlos Mejía Ospina   | carlos.mejia         | Harbor    | contractor | 2025-06-02 | 40
VMA-04 | Anjali Deshpande      | anjali.deshpande     | BlueHeron | employee   | 2025-09-08 | 40
VMA-05 | Tomás Quiroga Salas   | tomas.quiroga        | Harbor    | employee   | 2026-02-16 | 40
VMA-06 | Denise Calloway       | denise.calloway      | BlueHeron | employee   | 2025-11-03 | 30
VMA-07 | Priya Raghunathan     | priya.raghunathan    | BlueHeron | contractor | 2026-08-03 | 40
VMA-08 | Marcus Whitfield      | marcus.whitfield     | BlueHeron | contractor | 2026-10-26 | 40
VMA-09 | Rosa Isela Camacho    | rosa.camacho         | Harbor    | employee   | 2026-11-09 | 40
VMA-10 | Grace Ann Salonga     | grace.salonga        | BlueHeron | employee   | 2026-12-01 | 40
""")
_ENGAGEMENTS = {
    Period.Q3: table("""
    id     | roles                 | end | locations | logins
    VMA-01 | billing               | -   | Lakeside  | ehr:maquino;cloud:maricel.aquino
    VMA-02 | front_desk            | -   | Lakeside  | ehr:frontdesk2
    VMA-03 | scheduler             | -   | Lakeside  | ehr:cmejia
    VMA-04 | medical_scribe        | -   | Lakeside  | ehr:adeshpande;cloud:anjali.deshpande
    VMA-05 | scheduler             | -   | Lakeside  | ehr:tquiroga
    VMA-06 | patient_communication | -   | Lakeside  | ehr:dcalloway
    VMA-07 | prior_authorization   | -   | Lakeside  | ehr:praghunathan;directory:praghunathan;cloud:priya.raghunathan
    """),
    Period.NOV: table("""
    id     | roles                  | end        | locations          | logins
    VMA-01 | billing                | -          | Lakeside           | ehr:maquino;cloud:maricel.aquino
    VMA-02 | front_desk             | -          | Lakeside           | ehr:frontdesk2
    # Scheduler until 18 October, billing from 19 October.
    VMA-03 | billing                | -          | Lakeside           | ehr:cmejia
    VMA-04 | medical_scribe         | -          | Lakeside           | ehr:adeshpande;cloud:anjali.deshpande
    VMA-05 | scheduler              | -          | Lakeside;Hillcrest | ehr:tquiroga
    VMA-06 | patient_communication  | 2026-10-16 | Lakeside           | ehr:dcalloway
    VMA-07 | prior_authorization    | -          | Lakeside           | ehr:praghunathan;directory:praghunathan;cloud:priya.raghunathan
    # Since 26 October he waits for his rights: all that he has is an empty directory account.
    VMA-08 | insurance_verification | -          | Lakeside;Hillcrest | -
    # Until she has an EHR login of her own she uses Jenny Rose's.
    VMA-09 | front_desk             | -          | Hillcrest          | ehr:frontdesk2
    # Starts on 1 December; her EHR login has been open since 12 November.
    VMA-10 | scheduler              | -          | Hillcrest          | ehr:gsalonga
    """),
}
_STAFF = table("""
id     | name                      | email                             | kind    | owner  | logins
STF-01 | Dr. Helen Brandt          | hbrandt@lakeside.example.test     | staff   | -      | ehr:hbrandt;directory:hbrandt
STF-02 | Dr. Miriam Osei           | mosei@lakeside.example.test       | staff   | -      | ehr:mosei;directory:mosei
STF-03 | Tessa Morgan RN           | tmorgan@lakeside.example.test     | staff   | -      | ehr:tmorgan;directory:tmorgan
STF-04 | Laura Pettersen           | lpettersen@lakeside.example.test  | staff   | -      | ehr:lpettersen;directory:lpettersen;cloud:laura.pettersen
STF-05 | Gordon Hale               | ghale@lakeside.example.test       | staff   | -      | ehr:ghale;directory:ghale
STF-06 | Dana Kowalski             | dkowalski@lakeside.example.test   | staff   | -      | ehr:dkowalski;directory:dkowalski
# Hired in September, for Hillcrest.
STF-07 | Dr. Nikhil Varma          | nvarma@lakeside.example.test      | staff   | -      | ehr:nvarma;directory:nvarma
STF-08 | Amy Tran                  | atran@lakeside.example.test       | staff   | -      | ehr:atran;directory:atran
SVC-01 | Scanner service account   | -                                 | service | STF-04 | directory:svc-scan
SVC-02 | Fax ingest                | -                                 | service | STF-04 | cloud:fax-ingest
SVC-03 | OpenEMR internal users    | -                                 | service | STF-04 | ehr:oe-system;ehr:auditor-ro
SVC-04 | Windows built-in accounts | -                                 | service | STF-04 | directory:Administrator;directory:Guest;directory:krbtgt
SVC-05 | AWS account root          | -                                 | service | STF-04 | cloud:<root_account>
VND-01 | Northgate IT Services     | help@northgate.example.com        | vendor  | STF-04 | directory:northgate
VND-02 | Cedar Hosting Inc         | support@cedarhosting.example.com  | vendor  | STF-04 | ehr:admin
""")  # fmt: skip


def staff_file() -> Files:
    """Return the staff file, which both audits share."""
    columns = "id,name,email,kind,logins,owner"
    return {"staff.csv": csv_text(columns, [[row[c] for c in columns.split(",")] for row in _STAFF])}


def roster_file(period: Period, path: str) -> Files:
    """Return the roster of one moment."""
    vmas = {row["id"]: row for row in _VMAS}
    rows = []
    for now in _ENGAGEMENTS[period]:
        vma = vmas[now["id"]]
        agency, domain = _AGENCIES[vma["agency"]]
        rows.append(
            [
                *(vma["id"], vma["name"], f"{vma['mail']}@{domain}", agency, vma["employment"], now["roles"]),
                *(vma["start"], now["end"], now["locations"], vma["hours"], "active", now["logins"]),
            ]
        )
    header = "vma_id,name,email,agency,employment,roles,start,end,locations,hours,status,logins"
    return {path: csv_text(header, rows)}

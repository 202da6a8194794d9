# ruff: noqa: E501 - tables are read across
"""
The access control groups of the practice's OpenEMR, and what each lets its members do.

The first six are OpenEMR's own; the `vma_*` groups are the ones that this practice made for its VMAs, role by role.
"""

# From: OpenEMR, library/classes/Installer.class.php, install_gacl(). Group value → return value → objects.
_ADMIN = (
    "acct: bill disc eob rep rep_a; admin: calendar database forms practice superbill users batchcom language super "
    "drugs acl menu manage_modules; encounters: auth_a auth coding_a coding notes_a notes date_a relaxed; inventory: "
    "lots sales purchases transfers adjustments consumption destruction reporting; lists: default state country "
    "language ethrace; patients: appt demo med trans docs notes sign reminder alert disclosure rx amendment lab "
    "docs_rm pat_rep; sensitivities: normal high; nationnotes: nn_configure; patientportal: portal; menus: modle; "
    "groups: gadd gcalendar glog gdlog gm"
)
_FILLER = "placeholder: filler"
"""Keeps an ACL without objects alive; it gives nothing."""
GROUPS: tuple[tuple[int, str, str, dict[str, str]], ...] = (
    (11, "Administrators", "admin", {"write": _ADMIN}),
    (
        12,
        "Clinicians",
        "clin",
        {
            "view": "patients: pat_rep",
            "addonly": (
                "encounters: notes relaxed; patients: demo docs notes trans reminder alert disclosure rx amendment lab; "
                "sensitivities: normal"
            ),
            "wsome": _FILLER,
            "write": "patients: med appt; admin: drugs; encounters: auth coding notes; groups: gcalendar glog",
        },
    ),
    (
        13,
        "Physicians",
        "doc",
        {
            "view": "patients: pat_rep",
            "addonly": _FILLER,
            "wsome": _FILLER,
            "write": (
                "acct: disc rep; admin: drugs; encounters: auth_a auth coding_a coding notes_a notes date_a relaxed; "
                "patients: appt demo med trans docs notes sign reminder alert disclosure rx amendment lab; "
                "sensitivities: normal high; groups: gcalendar glog"
            ),
        },
    ),
    (
        14,
        "Front Office",
        "front",
        {
            "view": "patients: alert",
            "addonly": _FILLER,
            "wsome": _FILLER,
            "write": "patients: appt demo; groups: gcalendar",
        },
    ),
    (
        15,
        "Accounting",
        "back",
        {
            "view": "patients: alert",
            "addonly": _FILLER,
            "wsome": _FILLER,
            "write": (
                "acct: bill disc eob rep rep_a; admin: practice superbill; encounters: auth_a coding_a date_a; "
                "patients: appt demo"
            ),
        },
    ),
    (16, "Emergency Login", "breakglass", {"write": _ADMIN}),
    # The practice's own, one for each role of a VMA.
    (
        31,
        "VMA Front Desk",
        "vma_front",
        {"view": "patients: alert", "addonly": "patients: notes", "write": "patients: appt demo"},
    ),
    (32, "VMA Scheduling", "vma_sched", {"view": "patients: demo", "write": "patients: appt"}),
    (
        33,
        "VMA Patient Communication",
        "vma_comm",
        {"view": "patients: appt demo alert", "addonly": "patients: notes reminder"},
    ),
    (
        34,
        "VMA Insurance Verification",
        "vma_elig",
        {"view": "patients: appt", "addonly": "patients: docs", "write": "patients: demo"},
    ),
    (
        35,
        "VMA Prior Authorization",
        "vma_priorauth",
        {
            "view": "patients: demo med lab trans; encounters: notes_a; sensitivities: normal",
            "addonly": "patients: docs",
        },
    ),
    (
        36,
        "VMA Scribe",
        "vma_scribe",
        {
            "view": "patients: appt demo lab; sensitivities: normal",
            "addonly": "patients: med docs; encounters: notes relaxed",
        },
    ),
    (
        37,
        "VMA Billing",
        "vma_billing",
        {"view": "patients: demo; encounters: coding_a", "write": "acct: bill rep"},
    ),
)
ROOT = (10, 0, "users", "OpenEMR Users")

"""
Every command: the module here that says what it takes, the first words of its help, and an example.

A module says what its command takes and hands it on to what does the work, which is imported when the command runs and
not before: to import that takes ten times as long as to read the command line. `command` is its function; the help is
the summary of this table, then the docstring, then the example. Nothing here imports anything, so that
`auditor --help` is quick.
"""

from typing import NamedTuple


class CommandEntry(NamedTuple):
    """One command."""

    module: str
    summary: str
    example: str


GROUPS = {
    "catalog": "Catalogs: what each entitlement lets a person do.",
    "notice": "Signed notices between agency and practice: who starts, changes role or leaves; and their keys.",
    "review": "The review of access: what people decide of it, how it ends, and what examiners ask of it.",
}
"""What the commands of two words have in common."""

COMMANDS = {
    "audit": CommandEntry(
        "audit",
        "Audit one practice: read every system, judge, compare with the last audit, write the report.",
        "auditor audit auditor.yaml",
    ),
    "connect": CommandEntry(
        "connect",
        "Connect a system: asks for what it needs, prints the least privilege for it, tries it step by step, and "
        "writes it.",
        "auditor connect directory",
    ),
    "init": CommandEntry(
        "connect",
        "Begin: the same as `connect`, which makes the configuration where there is none.",
        "auditor init ehr --practice 'Lakeside Family Medicine' --timezone America/Chicago",
    ),
    "collect": CommandEntry(
        "collect",
        "Read one system to its end, and say what proves that it is whole; nothing is judged or stored.",
        "auditor collect directory --record directory.jsonl",
    ),
    "doctor": CommandEntry(
        "doctor",
        "Check that the next audit can be whole: the configuration, the files, the store, and every system step by "
        "step.",
        "auditor doctor auditor.yaml",
    ),
    "explain": CommandEntry(
        "explain",
        "Explain a finding by its whole path, from the VMA to the citation; or what a rule asks, and why.",
        "auditor explain F-ABCDEFGHIJ --store auditor.db",
    ),
    "cloud": CommandEntry(
        "cloud",
        "Say what every user and role of a saved AWS account can do, by which policies, and whom it can become.",
        "auditor cloud account.json --format json",
    ),
    "verify": CommandEntry(
        "verify",
        "Prove, offline and with the public key only, that nobody changed, cut or reordered the history.",
        "auditor verify auditor.db --key ed25519:… --head '12 9f… c2…'",
    ),
    "drift": CommandEntry(
        "drift",
        "Say what became of access between two audits: each change with its one cause, what nothing explains, what "
        "is owed.",
        "auditor drift auditor.yaml --from 2026-06-30 --to 2026-09-30",
    ),
    "onboard": CommandEntry(
        "onboard",
        "Say whether a new VMA is ready to start: every item of the checklist, exactly what to grant, READY or NOT "
        "READY.",
        "auditor onboard VMA-07 auditor.yaml",
    ),
    "transfer": CommandEntry(
        "transfer",
        "Say what a change of role takes away, brings and leaves: what must go first, what must come then, what may "
        "stay.",
        "auditor transfer VMA-03 auditor.yaml --to billing",
    ),
    "offboard": CommandEntry(
        "offboard",
        "Say whether a leaver is really gone: every item of the checklist, hours until disabled, GONE, NOT GONE or "
        "UNPROVEN.",
        "auditor offboard VMA-03 auditor.yaml",
    ),
    "orders": CommandEntry(
        "orders",
        "List what is to be done, by whom and by when: one account in one system each, until a read proves it done.",
        "auditor orders VMA-06 auditor.yaml --print sheets",
    ),
    "check": CommandEntry(
        "check",
        "Say within a second whether the known accounts of one person still work, in each system that can be asked.",
        "auditor check VMA-06 auditor.yaml",
    ),
    "certificate": CommandEntry(
        "certificate",
        "Make a signed page about one person's coming, moving or leaving, as HTML and PDF.",
        "auditor certificate offboard VMA-06",
    ),
    "attest": CommandEntry(
        "attest",
        "Record what no machine can see: that a VMA was trained, screened, or works at a checked workstation.",
        "auditor attest VMA-07 training --by 'Dana Ortiz' --document cert.pdf",
    ),
    "approve": CommandEntry(
        "approve",
        "Record that access was asked for, and approved by somebody else, so that it is no unexplained change.",
        "auditor approve VMA-07 'ehr: Front Office' --by 'Dr. Kim' --requested-by 'Dana Ortiz'",
    ),
    "accept": CommandEntry(
        "accept",
        "Record an exception: a finding is accepted until a day, with the reason and the name of who accepts it.",
        "auditor accept F-ABCDEFGHIJ --by 'Dr. Kim' --requested-by 'Dana Ortiz' --reason … --expires DAY",
    ),
    "confirm": CommandEntry(
        "confirm",
        "Record whose an account is, or is not: what no name, log-in or e-mail address settles.",
        "auditor confirm VMA-07 ehr:praghunathan2 --is-theirs --by 'Dana Ortiz'",
    ),
    "withdraw": CommandEntry(
        "withdraw",
        "End a statement; it stays in the history, with the day on which it was withdrawn.",
        "auditor withdraw S-0123456789 --by 'Dana Ortiz'",
    ),
    "correct-time": CommandEntry(
        "correct_time",
        "State when an audit really was that bears a time still to come, because the clock of the machine ran ahead.",
        "auditor correct-time 12 2026-11-30T08:00:00Z --by 'Dana Ortiz' --reason 'the clock was ten years ahead'",
    ),
    "statements": CommandEntry(
        "statements",
        "List what people have stated: attestations, approvals, exceptions, and which of them hold.",
        "auditor statements auditor.yaml --as-of 2026-09-30",
    ),
    "receive": CommandEntry(
        "receive",
        "Receive what agency or practice sent: check it, take down when it came, answer with a signed receipt.",
        "auditor receive notice-harbor-assist-to-lakeside-family-0003.json",
    ),
    "forecast": CommandEntry(
        "forecast",
        "Say what falls out of step if nobody acts: agreements and contracts that end, starts without cover, and more.",
        "auditor forecast auditor.yaml --days 90 --ics due.ics",
    ),
    "plan": CommandEntry(
        "plan",
        "Say what planned changes of headcount would do to every control, and what to do first, in order, with dates.",
        "auditor plan plan.yaml auditor.yaml",
    ),
    "lag": CommandEntry(
        "lag",
        "Tell how long each control took, or is taking, to catch up with each VMA, and the practice's lockstep.",
        "auditor lag auditor.yaml --since 2026-09-01",
    ),
    "work": CommandEntry(
        "work",
        "Answer every question of the work map: who owns which work, who cannot do it, whose access does not fit it.",
        "auditor work auditor.yaml",
    ),
    "capacity": CommandEntry(
        "capacity",
        "Say whether the practice is at its ceiling, which lever fits (hours, VMAs, roles), and which role comes "
        "first.",
        "auditor capacity figures.csv auditor.yaml",
    ),
    "smallest-policy": CommandEntry(
        "smallest_policy",
        "Print the smallest AWS policy that gives a role what it requires on the resources with PHI: JSON, ready to "
        "paste.",
        "auditor smallest-policy prior_authorization --system cloud",
    ),
    "watch": CommandEntry(
        "watch",
        "Audit whenever a file of the configuration changes and at each time of the schedule, and tell whom it should.",
        "auditor watch auditor.yaml --once",
    ),
    "catalog check": CommandEntry(
        "catalog_check",
        "List the entitlements that no catalog classifies, most held first.",
        "auditor catalog check auditor.yaml --write unknown.yaml",
    ),
    "review start": CommandEntry(
        "review_start",
        "Open a review over the last audit: freeze who holds what, and ask the right people about it.",
        "auditor review start --by 'Sam Kim' --prepared-by 'Dana Ortiz'",
    ),
    "review status": CommandEntry(
        "review_status",
        "Say how far a review is: who is behind, what nobody decided, what is decided, asked for and removed.",
        "auditor review status auditor.yaml",
    ),
    "review serve": CommandEntry(
        "review_serve",
        "Serve the pages on which reviewers decide and the officer follows the review; on this machine only, unless "
        "what travels is encrypted.",
        "auditor review serve auditor.yaml",
    ),
    "review remind": CommandEntry(
        "review_remind",
        "Remind everybody who has something open in a review, and hand on what is overdue.",
        "auditor review remind auditor.yaml",
    ),
    "review close": CommandEntry(
        "review_close",
        "Close a review and seal it in the ledger; refuses, with the list, while something is missing.",
        "auditor review close --by 'Sam Kim'",
    ),
    "review sheets": CommandEntry(
        "review_sheets",
        "Write the questions of each reviewer as a workbook, to be decided in a spreadsheet.",
        "auditor review sheets auditor.yaml --to sheets",
    ),
    "review receive": CommandEntry(
        "review_receive",
        "Take in a workbook that a reviewer sent back: all that it decides, or nothing, with every row that cannot be.",
        "auditor review receive sheets/review-2026-Q4-dana.xlsx --by 'Sam Kim'",
    ),
    "review link": CommandEntry(
        "review_link",
        "Make a link that signs a reviewer in, once, for those who have no account with the identity provider.",
        "auditor review link dana --by 'Sam Kim'",
    ),
    "review sign-ins": CommandEntry(
        "review_sign_ins",
        "List who may come to the review's pages, how they sign in and when they did; shut somebody out.",
        "auditor review sign-ins auditor.yaml --requests 20",
    ),
    "review annexes": CommandEntry(
        "review_annexes",
        "Print what examiners ask of a review in words, each as a table: new users, leavers, privileged, and more.",
        "auditor review annexes auditor.yaml --quarter 2026Q4 --format csv",
    ),
    "notice setup": CommandEntry(
        "notice_setup",
        "Begin as an agency, which audits nothing: a configuration of a few lines, a store, a key.",
        "auditor notice setup 'Harbor Assist LLC' --timezone Asia/Manila",
    ),
    "notice leave": CommandEntry(
        "notice_leave",
        "Give notice that a VMA leaves: a signed file for the other side.",
        "auditor notice leave VMA-06 --effective 2026-12-04T17:00-06:00 --by 'Rosa Lim' --name 'Denise Calloway'",
    ),
    "notice role-change": CommandEntry(
        "notice_role_change",
        "Give notice that a VMA changes role: a signed file for the other side.",
        "auditor notice role-change VMA-03 --role billing --effective 2026-12-07 --by 'Rosa Lim'",
    ),
    "notice start": CommandEntry(
        "notice_start",
        "Give notice that a VMA starts: a signed file for the other side.",
        "auditor notice start VMA-11 --role scheduler --effective 2026-12-07 --by 'Rosa Lim' --name 'Ana Reyes'",
    ),
    "notice take-back": CommandEntry(
        "notice_take_back",
        "Take an earlier notice back, because it was wrong: a signed file for the other side.",
        "auditor notice take-back N-0123456789 --by 'Rosa Lim'",
    ),
    "notice list": CommandEntry(
        "notice_list",
        "List what was made and received, with receipts, gaps, contradictions and what each clock makes of it.",
        "auditor notice list auditor.yaml --refused",
    ),
    "notice show": CommandEntry(
        "notice_show",
        "Print a notice or its receipt as it was signed, or write the file once more.",
        "auditor notice show N-0123456789 --out outbox",
    ),
    "notice keys": CommandEntry(
        "notice_keys",
        "Show our fingerprint and every key that is known, and write the key file for the other side.",
        "auditor notice keys auditor.yaml",
    ),
    "notice trust": CommandEntry(
        "notice_trust",
        "Trust the key of the other side, once its fingerprint was compared by telephone.",
        "auditor notice trust key-harbor-assist-3f2a.json --fingerprint '3F2A 91C0 …' --by 'Dana Ortiz'",
    ),
    "notice rotate": CommandEntry(
        "notice_rotate",
        "Sign with another key from now on, and tell everybody by a notice that the old key signs.",
        "auditor notice rotate --by 'Rosa Lim'",
    ),
    "notice revoke": CommandEntry(
        "notice_revoke",
        "Let a key count no more: ours, or another party's.",
        "auditor notice revoke '3F2A 91C0 …' --by 'Dana Ortiz' --reason 'a laptop was stolen'",
    ),
}

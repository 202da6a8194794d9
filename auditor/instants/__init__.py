"""
When a change of access took effect: by the system's own record where it has one, else between two audits.

`asking` reads records, `instant` alone concludes, `wording` says it. It knows the store; no report, no gate.
"""

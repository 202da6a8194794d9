"""
Drift: changes of access between two audits, each with one cause, and what an event called for that was not done.

`compare` finds changes, `explain` says which event calls for which, `attribution` gives each its one cause. It knows
headcount and instants; no page, no figure.
"""

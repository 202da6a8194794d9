"""
Onboarding, change of role and offboarding: a checklist, answered item by item, each answer with its evidence.

A gate takes a case and what the store knows of one person, and answers; `auditor.cli` and certificates tell it.
"""

"""Onboarding and offboarding: a checklist, answered item by item, each answer with its evidence."""

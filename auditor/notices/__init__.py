"""Notices between an agency and a practice: signed files, their receipts, and the keys of both sides."""

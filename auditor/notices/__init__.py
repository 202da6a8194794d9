"""
Notices between an agency and a practice: signed files, their receipts, and the keys of both sides.

A notice claims (`policies.notices`); nothing here makes a fact of it. It knows the ledger and the store.
"""

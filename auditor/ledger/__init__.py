"""The ledger: signed entries, the keys, what people state, and how all of it is verified."""

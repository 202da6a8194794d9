"""
The ledger: signed entries, the keys, what people state, and how all of it is verified.

It knows no store but as a file to verify; the store writes entries by it. Verifying needs the public key only.
"""

"""
Certificates: one signed page about one person's coming, moving or leaving, which a stranger can check offline.

`issue` says what a gate found, `signed` packs and signs it, `check` needs nothing but the page and a public key.
"""

"""
Rosters: the authoritative list of engagements, from a file, a directory, a SCIM server or an address with JSON.

`record` says what a row must hold, wherever it comes from; one fault refuses the whole roster.
"""

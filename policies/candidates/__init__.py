"""
Whose could an account be that no rule settles? Names, log-ins and addresses in all their spellings, by indexes.

`people.py` knows everybody by every key that they might be written under, `matching.py` looks accounts up in it,
`view.py` does that for a case. Pure: no clock, no file but the shipped words, no network.
"""

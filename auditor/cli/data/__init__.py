"""
What each command tells a machine: one module a command, its dataclasses' fields the public keys, in their order.

Keys are public and only added to. A field whose key is another word, or no name in Python, stands in `KEYS` beside it;
`SPREAD` lets what a field holds stand among the keys of its object. Imported from here: what the commands work out, and
`reports.as_json`; never a command.
"""

"""
Work orders: one thing to do in one system for one account, by a clock; closed by proof only.

`called_for` says what a case asks for, `follow` what became of it from audit to audit, `tell` says it in words.
"""

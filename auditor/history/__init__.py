"""
The practice at another instant: a past audit as a case again (`load`), and a day to come (`projection`).

It knows how an audit makes its case, and the store; whoever asks of the past or the future goes through here.
"""

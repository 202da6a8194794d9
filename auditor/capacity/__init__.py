"""
Capacity: weekly figures, signals with a trend test each, what they call for, and whether the last hire helped.

Pure, but for reading the file of figures; it knows nothing of audits. `advise.assess` is the way in.
"""

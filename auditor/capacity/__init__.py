"""Capacity: weekly figures, signals with a trend test each, what they call for, and whether the last hire helped."""

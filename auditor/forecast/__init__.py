"""
What falls out of step if nobody acts, day by day.

Pure: a case and statements in, items out; `calendar` alone writes a file.
"""

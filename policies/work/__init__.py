"""
Work: who owns which, who stands in, where and for whom. The map as a file (`file`), checked (`model`), and on a day
(`assignments`).
"""

"""Work: who owns which, who stands in, where and for whom."""

"""Lag and lockstep: how far the controls of each VMA trail behind the headcount."""

"""Folders of saved answers: their files, their objects, their groups."""

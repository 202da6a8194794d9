"""Folders of saved answers: their files, their objects, their groups. For Entra and Google; it knows neither."""

"""Clouds: one package a service, live and from saved answers. None knows another, but for the way in to AWS."""

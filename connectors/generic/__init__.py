"""Connectors for what systems of every kind speak; the setting `product` chooses the catalog."""

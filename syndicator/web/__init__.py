"""Serve feeds and pages."""

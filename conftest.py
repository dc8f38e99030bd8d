"""Shared by all tests: pytest's own fixtures for testing plugins."""

pytest_plugins = "pytester"

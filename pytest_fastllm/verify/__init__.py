"""Equality before timing: what the two sides answered, and whether it is the same."""

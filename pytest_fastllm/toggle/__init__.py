"""Putting either side of a component in place, and proving which side ran."""

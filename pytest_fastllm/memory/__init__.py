"""The memory ratio: resident bytes per key of each side, from the operating system."""

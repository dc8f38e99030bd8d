"""The arithmetic of verdicts: pure functions of pairs, no clock and no file."""

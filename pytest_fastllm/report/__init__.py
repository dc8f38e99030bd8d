"""What a person reads at the end of a run: the table of rows and the advice that follows from it."""

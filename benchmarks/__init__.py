"""Scripts that make the figures of the documentation; each page names the command that made its own."""

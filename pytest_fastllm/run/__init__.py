"""One pytest run: its items, what they compare, what becomes of it. Hooks call only `session` and `protocol`."""

"""Taking samples: the clock, a quiet interpreter, and what drives a workload."""

"""LiteLLM's proxy in two processes, one accelerated and one not, for the end-to-end workloads."""

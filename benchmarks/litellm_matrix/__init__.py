"""The native components on many LiteLLM versions: what is native there, what steps aside, and what the tests say."""

"""Token counters of other packages and ours in one run; `make peers`, docs/peers.md."""

import os

# Before anything imports LiteLLM: its import would start a thread that fetches prices.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

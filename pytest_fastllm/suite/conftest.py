"""Set before any workload imports LiteLLM: without it the import starts a thread that fetches prices."""

import os

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

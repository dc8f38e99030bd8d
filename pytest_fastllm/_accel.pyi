"""Types of the compiled extension; checked against it by `make lint` (stubtest)."""

from typing import Literal

def build_profile() -> Literal["release", "debug"]: ...

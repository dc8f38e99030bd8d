"""Types of the compiled extension; checked against it by `make lint` (stubtest)."""

from collections.abc import Callable
from typing import Any, Literal, final

__all__ = [
    "DeploymentPicker",
    "Encoding",
    "LimitTable",
    "PoolBookkeeper",
    "RateLimiter",
    "TokenCounter",
    "build_profile",
]

def build_profile() -> Literal["release", "debug"]: ...

@final
class DeploymentPicker:
    def __new__(cls, known: dict[str, Any]) -> DeploymentPicker: ...
    def pick(
        self,
        router: object,
        model: object,
        messages: object,
        input: object,
        specific_deployment: object,
        request_kwargs: object,
        asynchronous: bool,
        /,
    ) -> object | None: ...
    @property
    def native_calls(self) -> int: ...

@final
class Encoding:
    def __new__(cls, name: str, /) -> Encoding: ...
    @property
    def name(self) -> str: ...
    def count(self, text: str, chunk_size: int | None = None, /) -> int: ...

@final
class LimitTable:
    def __new__(cls, max_keys: int, window_s: int, /) -> LimitTable: ...
    @staticmethod
    def holds(key: object) -> bool: ...
    def get(self, key: object, now_s: float, /) -> int | None: ...
    def set(self, key: object, value: object, now_s: float, /) -> None: ...
    def remove(self, key: object, /) -> bool: ...
    def clear(self) -> None: ...
    def __len__(self) -> int: ...
    @property
    def max_keys(self) -> int: ...

@final
class PoolBookkeeper:
    def __new__(
        cls,
        *,
        original: Callable[[Any], list[Any]],
        serve_rest: Callable[[Any, list[Any], list[Any]], None],
        pools: list[type],
        connections: dict[str, Any],
        requests: dict[str, Any],
        sockets: dict[str, Any],
    ) -> PoolBookkeeper: ...
    def assign(self, pool: object, /) -> list[Any]: ...
    @property
    def native_calls(self) -> int: ...

@final
class RateLimiter:
    def __new__(cls, litellm: dict[str, Any], events: dict[str, Any], /) -> RateLimiter: ...
    def pre_call(
        self, handler: object, user: object, data: object, call_type: object, endpoint_type: object, /
    ) -> bool: ...
    def log_success(self, handler: object, call: object, response: object, /) -> bool: ...
    def log_failure(self, handler: object, call: object, /) -> bool: ...
    @property
    def native_calls(self) -> int: ...

@final
class TokenCounter:
    def __new__(
        cls,
        *,
        original: Callable[..., int],
        signature: str,
        names: list[str],
        defaults: tuple[object, ...],
        namespace: dict[str, Any],
        guards: list[tuple[Any, ...]],
        logging: tuple[dict[int, bool], int, bool],
        refresh_logging: Callable[[], object],
        format_tools: Callable[[list[Any]], str],
        registries: list[str],
        registry_flag: str,
        resolve: Callable[[str], tuple[Encoding | None, int, int, bool, object, object] | None],
        chunk_size: int | None,
        max_exact_chars: int | None,
    ) -> TokenCounter: ...
    def function(self) -> Callable[..., int]: ...
    @property
    def native_calls(self) -> int: ...

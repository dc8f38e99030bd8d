"""Which LiteLLM is installed: the code whose behaviour is reproduced.

Run ``python -m pytest_fastllm.components._rate_limiter.fingerprint`` to print that of the installed one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import code_fingerprint
from ..installed import package_path
from ..known_code import by_release
from ..known_litellm import print_installed, why_unknown_litellm
from .examined import PARTS

if TYPE_CHECKING:
    from pathlib import Path

# One line for each LiteLLM version that the equivalence tests have passed on: eight hexadecimal digits for each part.
# To add one: read how its parts differ, run the tests on it, then paste the line that this module prints. Not to be
# added although the tests pass: 1.105 limits calls of MCP tools in this hook.
KNOWN = """
1.106.2 25972f481ff79f2fa6aafb9d1a74db18ef3e2132a07d7c5cfc4e288e25a6fa9d1797002d557a90a547e465680e8c97f47baa292fd750c2f32c9cc8215b139d54323aa38d7e1f61b27910d60bdd2df478b9ed10dba7a69f0b927da41968f78b4ec607181b6f8b385e85277ede48f267897856ffd25391a884f72916ab8b3cdcfd8b05bd64e050137e16b87f0f57bc39e4f58f88942209482cf2e59da46cf4e53e7bde81d4a00f83a032db9ce34b4e65ad92fd6d8457be512edb24eae0a6c044811cde5be7d459f016e14e334a6085fbd61153242de7a5fc3577e604a7f8d71c08d78580a6334f800cac5d03f4d309fbb0322b2a475439c097b3df3c38bbbb21c6c4736e41bc662b33238f5a71d3b81d5d7b957b12f62539fa8c9a44ef57c8dc7118377092e6f25a146dbab54c83daba68521e81ebb3dfb3e79df1159fcb377fac59ba1090891d22f59501f42846db012085b363f8b0d4409ece2722273590a41225c6335d43f19fab8aecd84f2e745fd3c7355ab8d12d4139c7f2e55d69e94f4baa52749a50dbd77c0dac4dbc37e7f3b82e1f03c47dc81fedd1a4516d42193af9221578c81305d039af63b5998eae6221af24874e31b653a9962b4375ea72890bf0f57eba0f3afc2f91f726579d5d618334820ae7cfab617e2435ad3fe23bea264ba13bec22bdd274c7791f8a61d4c92a71b5811c8bf9f970d290eb42401954c7da9d8abb
1.106.10 25972f481ff79f2fa6aafb9d1a74db18ef3e2132a07d7c5cfc4e288e25a6fa9d1797002d557a90a547e465680e8c97f47baa292fd750c2f32c9cc8215b139d54323aa38d7e1f61b27910d60bdd2df478b9ed10dba7a69f0b927da41968f78b4ec607181b6f8b385e85277ede48f267897856ffd25391a884f72916ab8b3cdcfd8b05bd64e050137e16b87f0f57bc39e4f58f88942209482cf2e59da46cf4e53e7bde81d4a00f83a032db9ce34b4e65ad92fd6d8457be512edb24eae0a6c044811cde5be7d459f016e14e334a6085fbd61153242de7a5fc3577e604a7f8d71c08d78580a6334f800cac5d03f4d309fbb0322b2a475439c097b3df3c38bbbb21c6c4736e41bc662b33238f5a71d3b81d5d7b957b12f62539fa8c9a44ef57c8dc7118377092e6f25a146dbab54c83daba68521e81ebb3dfb3e79df1159fcb377fac59ba1090891d22f59501f42846db012085b363f8b0d4409ece2722273590a41225c6335d43f19fab8aecd84f2e745fd3c7355ab8d12d4139c7f2e55d69e94f4baa52749a50dbd77c0dac4dbc37e7f3b82e1f03c47dc81fedd1a4516d42193af9221578c81305d039af63b5998eae6221af24874e31b653a9962b4375ea72890bf0f57eba0f3afc2f91f726579d5d618334820ae7cfab617e2435ad3fe23bea264ba13bec22bdd274c7791f8a61d4c92a71b5811c8bf9f970d290eb42401954c7da9d8abb
"""  # noqa: E501


def unknown_litellm() -> str | None:
    """None, or why the rate limiter of the installed LiteLLM is not known to be equal."""
    package = package_path("litellm")
    if package is not None and package_path("fastapi") is None:
        return (
            "litellm's proxy needs fastapi, which is not installed; run pip install 'pytest-fastllm[proxy]'"
        )
    return why_unknown_litellm(package, "rate limiter", PARTS, KNOWN, "proxy")


def known_versions() -> dict[str, str]:
    """Fingerprint by version of LiteLLM."""
    return by_release(KNOWN)


def fingerprint(package: Path) -> str:
    """`PARTS` of a litellm package."""
    return code_fingerprint.fingerprint(package, PARTS)


if __name__ == "__main__":
    print_installed(PARTS)

"""Which LiteLLM is installed: the code whose behaviour is reproduced.

Run ``python -m pytest_fastllm.components._router.fingerprint`` to print that of the installed one.
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
# added although the tests pass: 1.105 has `_routing_groups` and other names; 1.108 keeps deployments with `ptu_shares`
# for the teams that hold one.
KNOWN = """
1.106.2 38e73d290d2045fe68d990b64c993939c5f7a54380e58d5e74e30f4c64fe66f5fc13872c5439c097d3120e70b77852b08a4239b2e0181c2d80881dfd8d4673138f360012c9278ec24bd38f2ca305356b39c2adced8bd2618c6afaf6b47d78d105c6120b64bacb8ca713e8300d290eb42d600273c06ded7173a9d9b483dd6388071b5811c45b5b1095d2fbebecde5940da1425b17f4801ae2ac5d03f4334f800cd459f016e14e334a164da542039a415d9e880efaaedaba47e5ff297e7e195f63ef897e128186641790460754dccd385898f52c273726bd7f9193d2c0094abcedb350cd9c6e85048b30272fb1be7f073fb91eddd126a04ccd4b4c3f53b11ac2a9ca09aa138af7d224fca9ad06c2dd43e7884fae34ae15103e81866417f678c2ec81bebb6bd68bb795bfa594a0b6175c732c063c5592fd6d84db24eae00704f6b9a6c04481e7a5fc351153242d0e3ff969a647323d62ff8e7134dfbecef54ef154612d59d24b758291086a356661d4c92a8931ba0d4c6719f40dfe898f078e635a0b1dc5499fb27ef86a40f86eac2db2d849729fcbf9292aedb07e75259d75bba9cbb6f9be7cfc64e8dd5e998ab5465ec92c5bb655ccea855677bb45911c4c3ca2dcc9c737b73683ecb84d4bc6b590b9da9bc368bda6891c15fa8d51e4e34c42ec9e90808ab9bf1a2893272694f7b45bb5ba91aa787185b522b3b8168d26cfc5e4
1.106.10 38e73d290d2045fe68d990b64c993939c5f7a54380e58d5e74e30f4c64fe66f5fc13872c5439c097d3120e70b77852b08a4239b2e0181c2d80881dfd8d4673138f360012c9278ec24bd38f2ca305356b39c2adced8bd2618c6afaf6b47d78d105c6120b64bacb8ca713e8300d290eb42d600273c06ded7173a9d9b483dd6388071b5811c45b5b1095d2fbebecde5940da1425b17f4801ae2ac5d03f4334f800cd459f016e14e334a164da542039a415d9e880efaaedaba47e5ff297e7e195f63ef897e128186641790460754dccd385898f52c273726bd7f9193d2c0094abcedb350cd9c6e85048b30272fb1be7f073fb91eddd126a04ccd4b4c3f53b11ac2a9ca09aa138af7d224fca9ad06c2dd43e7884fae34ae15103e81866417f678c2ec81bebb6bd68bb795bfa594a0b6175c732c063c5592fd6d84db24eae00704f6b9a6c04481e7a5fc351153242d0e3ff969a647323d62ff8e7134dfbecef54ef154612d59d24b758291086a356661d4c92a8931ba0d4c6719f40dfe898f078e635a0b1dc5499fb27ef86a40f86eac2db2d849729fcbf9292aedb07e75259d75bba9cbb6f9be7cfc64e8dd5e998ab5465ec92c5bb655ccea855677bb45911c4c3ca2dcc9c737b73683ecb84d4bc6b590b9da9bc368bda6891c15fa8d51e4e34c42ec9e90808ab9bf1a2893272694f7b45bb5ba91aa787185b522b3b8168d26cfc5e4
"""  # noqa: E501


def unknown_litellm() -> str | None:
    """None, or why the routing of the installed LiteLLM is not known to be equal."""
    package = package_path("litellm")
    return why_unknown_litellm(package, "routing", PARTS, KNOWN, "litellm")


def known_versions() -> dict[str, str]:
    """Fingerprint by version of LiteLLM."""
    return by_release(KNOWN)


def fingerprint(package: Path) -> str:
    """`PARTS` of a litellm package."""
    return code_fingerprint.fingerprint(package, PARTS)


if __name__ == "__main__":
    print_installed(PARTS)

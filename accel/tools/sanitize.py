"""Run the Rust tests, and Python's tests of the border, under AddressSanitizer.

    python accel/tools/sanitize.py [PYTEST ARGUMENT ...]

The Rust tests cover the plain algorithms. The border is covered by the equivalence tests, run with an extension that
is instrumented, in an interpreter that allocates every object by itself, so that none is read once it is freed. Both
stop at the first read or write outside of what was allocated. Everything they write is under `target/sanitize`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from instrumented import ADDRESS_SANITIZER, ROOT, cargo, without_leak_check

OUTPUT = ROOT / "target/sanitize"
PACKAGE = ("--package", "pytest-fastllm-accel", "--lib")

# They walk all of Unicode, which the Rust tests do as well, or look at the repository.
LEFT_OUT = "not every_code_point and not every_plane and not generated_tables"
# Each of these has its hundred thousands of examples elsewhere.
FEW = {
    "FASTLLM_EXAMPLES": "300",
    "FASTLLM_POOL_EXAMPLES": "100",
    "FASTLLM_POOL_SEQUENCES": "30",
    "FASTLLM_LIMITER_SEQUENCES": "10",
    "FASTLLM_ROUTER_SEQUENCES": "5",
}


def test_algorithms() -> None:
    """The crate's own tests, without its border."""
    flags = (ADDRESS_SANITIZER,)
    cargo("test", *PACKAGE, "--no-default-features", flags=flags, target_dir=OUTPUT)


def test_border(pytest_arguments: list[str]) -> int:
    """The equivalence tests on a copy of the package with the instrumented extension; pytest's exit status."""
    flags = (ADDRESS_SANITIZER,)
    built = cargo("build", *PACKAGE, "--features", "extension-module", flags=flags, target_dir=OUTPUT)
    tree = OUTPUT / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    for folder in ("pytest_fastllm", "tests"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    for file in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / file, tree)
    extension = tree / "pytest_fastllm/_accel.so"
    shutil.copy(built / "lib_accel.so", extension)

    # The interpreter is not instrumented, so that the sanitizer's runtime has to be there before it starts.
    asked = subprocess.run(["gcc", "-print-file-name=libasan.so"], check=True, capture_output=True, text=True)
    environment = {
        **os.environ,
        **without_leak_check(),
        **FEW,
        "LD_PRELOAD": asked.stdout.strip(),
        "PYTHONMALLOC": "malloc",
    }
    is_ours = (
        f"from pytest_fastllm import _accel; assert _accel.__file__ == {str(extension)!r}, _accel.__file__"
    )
    python = [sys.executable, "-B"]
    subprocess.run([*python, "-c", is_ours], check=True, cwd=tree, env=environment)
    command = [*python, "-m", "pytest", "-q", "-k", LEFT_OUT, "-p", "no:cacheprovider"]
    command += pytest_arguments or ["tests/equivalence"]
    return subprocess.run(command, check=False, cwd=tree, env=environment).returncode


def main() -> int:
    """Both; a status other than 0 if either found something."""
    try:
        test_algorithms()
        return test_border(sys.argv[1:])
    except subprocess.CalledProcessError as error:
        return error.returncode


if __name__ == "__main__":
    sys.exit(main())

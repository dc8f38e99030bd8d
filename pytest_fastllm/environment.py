"""The fingerprint of what a ratio depends on.

A Rust/Python ratio is not the same on every CPU: the identical commit was seen at 6.27× and 7.26× on two
runners. So bounds belong to an environment. Its name is built from what the processor and the interpreter
*are*; a marketing name is shared by several microarchitectures and is shown, but not part of it.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import platform
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

from .model import Environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# The x86-64 levels of the System V psABI, as the flags by which Linux names them.
_X86_LEVELS = (
    ("x86-64-v4", {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
    ("x86-64-v3", {"avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"}),
    ("x86-64-v2", {"cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"}),
)
_SYSCTL = {
    "vendor": "machdep.cpu.vendor",
    "family": "hw.cpufamily",
    "model": "machdep.cpu.model",
    "stepping": "machdep.cpu.stepping",
    "shown": "machdep.cpu.brand_string",
}


def _linux_cpu() -> dict[str, str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    fields: dict[str, str] = {}
    for line in text.split("\n\n", 1)[0].splitlines():
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    flags = set(fields.get("flags", "").split())
    level = next((name for name, needed in _X86_LEVELS if needed <= flags), "x86-64-v1" if flags else "")
    cpu = {
        "vendor": fields.get("vendor_id") or fields.get("cpu implementer", ""),
        "family": fields.get("cpu family") or fields.get("cpu architecture", ""),
        "model": fields.get("model") or fields.get("cpu part", ""),
        "stepping": fields.get("stepping") or fields.get("cpu revision", ""),
        "level": level,
        "shown": fields.get("model name", ""),
    }
    return {name: value for name, value in cpu.items() if value}


def _darwin_cpu() -> dict[str, str]:
    cpu = {}
    for name, key in _SYSCTL.items():
        try:
            done = subprocess.run(  # noqa: S603  # a fixed system program and fixed arguments
                ["/usr/sbin/sysctl", "-n", key], capture_output=True, text=True, timeout=5, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0 and done.stdout.strip():
            cpu[name] = done.stdout.strip()
    return cpu


def _cpu() -> dict[str, str]:
    if sys.platform.startswith("linux"):
        cpu = _linux_cpu()
    elif sys.platform == "darwin":
        cpu = _darwin_cpu()
    else:
        cpu = {"vendor": os.environ.get("PROCESSOR_IDENTIFIER", "")}
    if not cpu.get("vendor"):
        cpu["fallback"] = platform.processor() or platform.machine() or "unknown"
    return cpu


def _extension_profile() -> str:
    try:
        from ._accel import build_profile
    except ImportError:  # not built, or for another interpreter
        return "absent"
    return build_profile()


def _python_build() -> dict[str, str]:
    arguments = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    flags = [
        name for name, flag in (("pgo", "--enable-optimizations"), ("lto", "--with-lto")) if flag in arguments
    ]
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        flags.append("free-threaded")
    return {
        "implementation": platform.python_implementation(),
        "minor": f"{sys.version_info.major}.{sys.version_info.minor}",
        "compiler": platform.python_compiler(),
        "flags": " ".join(flags) or "none",
    }


@functools.cache
def _details() -> Mapping[str, str]:
    libc = " ".join(part for part in platform.libc_ver() if part)
    return {
        **{f"cpu {name}": value for name, value in _cpu().items() if name != "shown"},
        "architecture": platform.machine(),
        "os": platform.system(),
        "libc": libc or "none told",
        **{f"python {name}": value for name, value in _python_build().items()},
        "extension": _extension_profile(),
    }


def _versions(packages: Iterable[str]) -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return dict(sorted(versions.items()))


def describe(packages: Iterable[str] = (), with_cores: bool = False) -> Environment:
    """This process's environment.

    Args:
        packages: distributions whose versions are worth recording; they do not change the id.
        with_cores: for rows with threads, whose ratio depends on the number of cores.
    """
    details = dict(_details())
    if with_cores:
        details["cores"] = str(os.cpu_count() or 0)
    digest = hashlib.sha256(repr(sorted(details.items())).encode()).hexdigest()[:8]
    minor = details["python minor"]
    implementation = details["python implementation"]
    cores = f"-{details['cores']}cores" if with_cores else ""
    name = f"{details['os']}-{details['architecture']}-{implementation}{minor}{cores}-{digest}".lower()
    cpu = _cpu()
    return Environment(
        id=name,
        cpu=" ".join(cpu.get(part, "") for part in ("vendor", "family", "model", "stepping", "level")).strip()
        or f"{cpu['fallback']} (fallback: the OS does not tell)",
        python=f"{implementation} {minor}",
        platform=f"{details['os']}-{details['architecture']}".lower(),
        details=details,
        packages=_versions(packages),
    )

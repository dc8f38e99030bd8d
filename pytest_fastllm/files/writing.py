"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from typing import TYPE_CHECKING, NoReturn

from ..errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


def check_writable(path: Path) -> None:
    """Find out whether `write_atomically` can write there, before minutes of measuring. Leaves no trace.

    Args:
        path: the file to write; need not exist, its folder must.

    Raises:
        DataError: it cannot be written; names the path, the reason and the remedy.
    """
    target = _target(path)
    try:
        descriptor, temporary = _create_beside(target)
        os.close(descriptor)
        temporary.unlink()
    except (OSError, ValueError) as reason:
        _refuse(path, reason)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file's content in one step; a reader sees the old or the new file and nothing between.

    A link stays a link: what it points to is replaced. Permissions are kept. Lone surrogates become
    ``\\udXXX`` escapes, which mean the same inside JSON strings.

    Args:
        path: the file; its folder must exist.
        text: the whole new content.

    Raises:
        DataError: it cannot be written; the old file is as it was and no temporary file is left.
    """
    target = _target(path)
    content = text.encode("utf-8", "backslashreplace")
    try:
        descriptor, temporary = _create_beside(target)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileNotFoundError):
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            os.replace(temporary, target)  # noqa: PTH105 - the name that tests fail on purpose
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    except (OSError, ValueError) as reason:
        _refuse(path, reason)
    _sync_folder(target.parent)


def _target(path: Path) -> Path:
    """Where the bytes go: behind all links, so that the file beside it is on the same file system."""
    try:
        target = path.resolve()
        if target.is_symlink():  # what 3.13 and later answer instead of raising
            raise OSError(0, "its links lead in a circle")
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        if target.exists() and not target.is_file():
            raise OSError(0, "it is not a regular file")
        if not target.parent.is_dir():
            raise FileNotFoundError(0, f"the folder {target.parent} does not exist")
        # Replacing needs no permission on the file itself, but read-only is how one says "leave it".
        if target.exists() and not target.stat().st_mode & 0o222:
            raise PermissionError(0, "the file is read-only")
    except (OSError, RuntimeError, ValueError) as reason:  # RuntimeError: a loop of links before 3.13
        _refuse(path, reason)
    return target


def _create_beside(target: Path) -> tuple[int, Path]:
    # Opened here rather than by tempfile, so that a new file gets the permissions of the umask.
    temporary = target.with_name(f".{target.name[:64]}.{secrets.token_hex(8)}.tmp")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    return os.open(temporary, flags, 0o666), temporary


def _sync_folder(folder: Path) -> None:
    # Makes the rename survive a power cut; where folders cannot be opened there is no such call.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refuse(path: Path, reason: Exception) -> NoReturn:
    why = (isinstance(reason, OSError) and reason.strerror) or str(reason)
    raise DataError(
        f"{path}: expected a path that can be written, found: {why}; "
        "name a file in an existing folder that you may write to, or change the permissions"
    ) from None

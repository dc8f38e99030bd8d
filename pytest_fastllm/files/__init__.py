"""Reading, checking and writing the data files: hostile input in, whole files out."""

from __future__ import annotations

from .reading import Flaw, JsonValue, read_json
from .validate import Node, root_of
from .writing import check_writable, write_atomically

__all__ = ["Flaw", "JsonValue", "Node", "check_writable", "read_json", "root_of", "write_atomically"]

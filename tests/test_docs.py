"""The code in the README and the docs runs.

A fenced ```python block whose first line is a comment that names a file (`# test_json.py`) is a file of a test
project; all such blocks under one heading make one project, which has to pass, compared and measured.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^(?P<indent> *)(?P<marks>`{3,}|~{3,})(?P<info>.*)$")
HEADING = re.compile(r"^#{1,6} +(.*?)\s*$")
FILE = re.compile(r"^# (?P<path>[\w./-]+\.py)\b")


@dataclass
class Project:
    """The files under one heading of a page."""

    page: str
    heading: str
    files: dict[str, str] = field(default_factory=dict)

    def __str__(self):
        return f"{self.page}: {self.heading}"


def blocks(text):
    """Every fenced block as (heading above it, what stands behind the fence, line number, code)."""
    heading, fence, code, start = "", None, [], 0
    for number, line in enumerate(text.splitlines(), 1):
        found = FENCE.match(line)
        if fence is None:
            if found:
                fence, code, start = found, [], number
            elif title := HEADING.match(line):
                heading = title[1]
        elif found and found["marks"].startswith(fence["marks"]) and not found["info"].strip():
            yield heading, fence["info"].strip(), start, "\n".join(code) + "\n"
            fence = None
        else:
            code.append(line.removeprefix(fence["indent"]))


def python_blocks(page):
    for heading, info, line, code in blocks(page.read_text(encoding="utf-8")):
        if info.split(" ")[0] in ("python", "py"):
            yield heading, line, code


def projects(page):
    found = {}
    for heading, _, code in python_blocks(page):
        if name := FILE.match(code):
            project = found.setdefault(heading, Project(page.relative_to(ROOT).as_posix(), heading))
            assert name["path"] not in project.files, f"{project} has {name['path']} twice"
            project.files[name["path"]] = code
    return list(found.values())


ALL_PROJECTS = [project for page in PAGES for project in projects(page)]
ALL_BLOCKS = [
    pytest.param(code, id=f"{page.relative_to(ROOT).as_posix()}:{line}")
    for page in PAGES
    for _, line, code in python_blocks(page)
]
ANY_TEST = re.compile(r"def test_")
MEASURED_TEST = re.compile(r"def test_\w*\([^)]*\baccelerated\b")
QUICK = ("--fastllm-compare", "--fastllm-iterations=20", "--fastllm-max-seconds=0.3")


@pytest.mark.parametrize("code", ALL_BLOCKS)
def test_every_block_is_python(code):
    compile(code, "block", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("arguments", [(), QUICK], ids=["compared", "measured"])
@pytest.mark.parametrize("project", ALL_PROJECTS, ids=str)
def test_projects_pass(pytester, project, arguments):
    for name, code in project.files.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, encoding="utf-8")
    test = MEASURED_TEST if arguments else ANY_TEST
    runs = any(test.search(code) for code in project.files.values())
    expected = pytest.ExitCode.OK if runs else pytest.ExitCode.NO_TESTS_COLLECTED
    options = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
    result = pytester.runpytest_subprocess(*options, *arguments)
    assert result.ret == expected
    outcomes = result.parseoutcomes()
    assert not {"failed", "error", "errors", "skipped"} & set(outcomes)


def test_the_readme_has_projects():
    assert any(project.page == "README.md" for project in ALL_PROJECTS)


PAGE = """# Title
```python
# test_a.py
def test_a(): pass
```
text
```python
print("no file")
```
## Other
~~~~python title
# tests/test_b.py, shortened
x = '''
```
'''
~~~~
   ```console
   # conftest.py
   ```
   ```py
   # conftest.py
   if True:
       y = 1
   ```
"""


def test_how_pages_are_read(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    first, second = projects(page)
    assert (first.heading, list(first.files)) == ("Title", ["test_a.py"])
    assert (second.heading, list(second.files)) == ("Other", ["tests/test_b.py", "conftest.py"])
    assert second.files["conftest.py"] == "# conftest.py\nif True:\n    y = 1\n"
    assert "```" in second.files["tests/test_b.py"]
    assert len(list(python_blocks(page))) == 4

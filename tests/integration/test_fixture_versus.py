"""`accelerated.versus(reference, accelerated, ...)`: any two callables, nothing patched."""

from __future__ import annotations

import pytest


def test_both_are_called_with_the_arguments_and_the_second_answers(project):
    project.tests(
        """
        def test_it(accelerated):
            log = []
            answer = accelerated.versus(
                lambda *a, **k: log.append(("r", a, k)) or 1.0,
                lambda *a, **k: log.append(("a", a, k)) or 1.5,
                3, key="x", equal=lambda r, a: (r, a) == (1.0, 1.5),
            )
            assert answer == 1.5
            assert log == [("r", (3,), {"key": "x"}), ("a", (3,), {"key": "x"})]
        """
    )
    project.run().assert_outcomes(passed=1)


def test_the_ratio_is_reference_over_accelerated(project):
    project.tests(
        "import codec\ndef test_it(accelerated):\n    accelerated.versus(codec.encode, codec.fast_encode, 'x')"
    )
    row = project.rows()["codec/it"]
    assert row["low"] > 1
    assert row["reference"]["value"] > row["accelerated"]["value"]


def test_nothing_is_patched_also_where_the_marker_names_a_component(project):
    project.one_test(
        "seen = []\n"
        "accelerated.versus(lambda: seen.append(codec.encode), lambda: seen.append(codec.encode))\n"
        "assert seen[0] is seen[1] is codec.encode"
    )
    project.run().assert_outcomes(passed=1)


def test_json_and_orjson(project):
    pytest.importorskip("orjson")
    project.tests(
        """
        import json, orjson

        DATA = {"a": [1, 2.5, None, True], "b": {"c": "text"}}

        def test_loads(accelerated):
            assert accelerated.versus(json.loads, orjson.loads, json.dumps(DATA)) == DATA
        """,
        name="test_json",
    )
    row = project.rows()["json/loads"]
    assert row["verdict"] == "unjudged"
    assert row["estimate"] > 0

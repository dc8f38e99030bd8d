"""What else the machine did is told as warnings, with the figures they come from."""

from __future__ import annotations

import pytest

from pytest_fastllm.timing import machine
from pytest_fastllm.timing.machine import MachineWatch


@pytest.fixture
def quiet(monkeypatch):
    state = {"load": 0.3, "stolen": 10.0, "throttled": 4}
    monkeypatch.setattr(machine, "_stolen_s", lambda: state["stolen"])
    monkeypatch.setattr(machine, "_throttled_periods", lambda: state["throttled"])
    monkeypatch.setattr(machine.os, "getloadavg", lambda: (state["load"], 0.0, 0.0), raising=False)
    monkeypatch.setattr(machine.os, "cpu_count", lambda: 2)
    clock = iter([100.0, 101.0])
    monkeypatch.setattr(machine.time, "monotonic", lambda: next(clock))
    return state


def test_a_quiet_machine_has_no_warning(quiet):
    warnings, figures = MachineWatch().finish(0.001)
    assert warnings == ()
    assert figures == {"load": 0.3, "steal": 0.0, "throttled_periods": 0.0, "contended": 0.001}


@pytest.mark.parametrize(
    ("change", "word"),
    [({"load": 2.6}, "load"), ({"stolen": 10.1}, "steal"), ({"throttled": 5}, "throttled")],
)
def test_each_sign_of_noise_has_its_word(quiet, change, word):
    watch = MachineWatch()
    quiet.update(change)
    assert watch.finish(0.0)[0] == (word,)


def test_waiting_for_a_processor_has_its_word(quiet):
    assert MachineWatch().finish(0.03)[0] == ("contended",)

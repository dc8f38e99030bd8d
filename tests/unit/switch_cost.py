"""How much slower a call is after thousands of switches; run by `test_switch_cost.py` in several interpreters.

Usage: python switch_cost.py ROOT SWITCHES. Prints one JSON line. Needs nothing but the standard library.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from types import ModuleType

CALLS = 1_000
ROUNDS = 150

SOURCE = """
def work(x):
    return helper(x)

def fast_work(x):
    return helper(x)

def helper(x):
    return x

class Codec:
    def method(self, x):
        return self.helper(x)

    def helper(self, x):
        return x

def fast_method(self, x):
    return self.helper(x)

codec = Codec()

def call_work(calls):
    for _ in calls:
        work(1)

def call_method(calls):
    for _ in calls:
        codec.method(1)
"""


def twin(name):
    """A module of its own, so that no inline cache and no class is shared with another twin."""
    made = ModuleType(name)
    exec(compile(SOURCE, f"<{name}>", "exec"), made.__dict__)
    sys.modules[name] = made
    return made


def seconds(call):
    start = time.perf_counter()
    call(range(CALLS))
    return time.perf_counter() - start


def slowdown(call, untouched_call):
    """Time of one against the other, taken in turn; the least of many, which noise cannot lower."""
    best = best_untouched = float("inf")
    for turn in range(ROUNDS):
        if turn % 2:
            best = min(best, seconds(call))
            best_untouched = min(best_untouched, seconds(untouched_call))
        else:
            best_untouched = min(best_untouched, seconds(untouched_call))
            best = min(best, seconds(call))
    return best / best_untouched


def after_switches(number, switches, place, accelerated, caller):
    """Slowdown of each side after that many switches, against a twin that was switched once."""
    from pytest_fastllm.component import Component
    from pytest_fastllm.model import Side
    from pytest_fastllm.toggle.switch import switch_for

    def component(name):
        dotted = f"{name}:{place}"
        return Component("toy", reference=dotted, accelerated=f"{name}:{accelerated}", patch=(dotted,))

    names = f"switched{number}", f"untouched{number}"
    switched, untouched = (twin(name) for name in names)
    call, untouched_call = getattr(switched, caller), getattr(untouched, caller)
    slow = {}
    with switch_for(component(names[0])) as often, switch_for(component(names[1])) as once:
        for turn in range(switches):
            often.select(Side.ACCELERATED if turn % 2 else Side.REFERENCE)
            call(range(3))
            untouched_call(range(3))  # as warm, but for the switches
        for side in Side:
            often.select(side)
            once.select(side)
            slow[side.value] = slowdown(call, untouched_call)
    slow["afterwards"] = slowdown(call, untouched_call)
    return slow


def after_writes_to_a_class(number, switches):
    """What the switch must not do: a class attribute written each time."""
    switched, untouched = twin(f"written{number}"), twin(f"unwritten{number}")
    methods = switched.Codec.method, switched.fast_method
    for turn in range(switches):
        switched.Codec.method = methods[turn % 2]
        switched.call_method(range(3))
        untouched.call_method(range(3))
    return slowdown(switched.call_method, untouched.call_method)


def main(root, switches):
    sys.path.insert(0, root)
    gc.disable()
    number = time.perf_counter_ns()
    print(
        json.dumps(
            {
                "module attribute": after_switches(number, switches, "work", "fast_work", "call_work"),
                "class attribute": after_switches(
                    number + 1, switches, "Codec.method", "fast_method", "call_method"
                ),
                "writes to a class": after_writes_to_a_class(number + 2, switches),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

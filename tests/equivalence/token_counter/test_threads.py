"""Many threads, both encodings, texts long enough to release the interpreter."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

from .conftest import CLAUDE_MODEL, FRAGMENTS, MODELS


def test_threads_get_the_counts_that_one_thread_gets(reference, accelerated):
    rng = random.Random(3)
    jobs = []
    for size in (5, 50, 500, 20_000):
        for _ in range(6):
            text = "".join(rng.choices(FRAGMENTS, k=size))
            jobs += [(model, text, reference(model=model, text=text)) for model in MODELS]
            # Anthropic's tokenizer refuses surrogates.
            text = text.encode(errors="replace").decode()
            jobs.append((CLAUDE_MODEL, text, reference(model=CLAUDE_MODEL, text=text)))
    jobs *= 4
    rng.shuffle(jobs)
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda job: accelerated(model=job[0], text=job[1]), jobs))
    assert counts == [wanted for _, _, wanted in jobs]


def test_messages_that_another_thread_changes_meanwhile(reference, accelerated):
    # Counting the long text releases the interpreter; what was given at the time of the call counts.
    text = "some words " * 40_000
    message = {"role": "user", "content": text}
    wanted = reference(model=MODELS[0], messages=[dict(message)])
    stop = threading.Event()

    def change():
        while not stop.is_set():
            for number in range(50):
                message[f"key {number}"] = None
            for number in range(50):
                del message[f"key {number}"]

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(30):
            assert accelerated(model=MODELS[0], messages=[message]) == wanted
    finally:
        stop.set()
        thread.join()

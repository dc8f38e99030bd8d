"""The pair of proxies of the end-to-end rows: how they start and end, and what is proven of them."""

from __future__ import annotations

import json
import os
import stat
import sys
import urllib.request
from contextlib import contextmanager

import pytest

from pytest_fastllm.model import Side
from pytest_fastllm.suite import loopback_server, server_process, test_end_to_end
from pytest_fastllm.suite.proxy import pair


@pytest.fixture
def interpreter(tmp_path, monkeypatch):
    """Has a shell script run in place of the proxy's interpreter; it gets the same arguments."""

    @contextmanager
    def no_server(ports):
        yield ["http://127.0.0.1:9/v1/chat/completions"] * ports

    monkeypatch.setattr(pair, "serving", no_server)
    monkeypatch.setattr(server_process, "_STOP_S", 0.5)
    script = tmp_path / "interpreter"

    def write(body):
        script.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/pids\n{body}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(sys, "executable", str(script))
        return tmp_path / "pids"

    return write


def alive(pids):
    def lives(pid):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    return [pid for pid in map(int, pids.read_text().split()) if lives(pid)]


@pytest.mark.parametrize(
    "ending", ["cat > /dev/null", "exec sleep 60"], ids=["its input ends", "it is killed"]
)
def test_both_run_for_the_block_and_end_with_it(interpreter, ending):
    pids = interpreter(f"echo 4000\n{ending}")
    with pair.serving_both() as proxies:
        assert list(proxies) == list(Side)
        assert len(alive(pids)) == 2
    assert alive(pids) == []


def test_one_that_does_not_start_says_what_it_printed(interpreter):
    pids = interpreter("echo 'no such module' >&2")
    with (
        pytest.raises(RuntimeError, match=r"did not start, or not within 120 s; it printed:\nno such module"),
        pair.serving_both(),
    ):
        pass
    assert alive(pids) == []


def test_one_that_hangs_is_ended(interpreter, monkeypatch):
    monkeypatch.setattr(pair, "_START_S", 3.0)  # a busy machine may take a second to start a shell
    pids = interpreter("exec sleep 60")
    with pytest.raises(RuntimeError, match="did not start"), pair.serving_both():
        pass
    assert alive(pids) == []


def test_each_is_told_its_side_and_the_same_limits_and_deployments(interpreter, tmp_path):
    interpreter(f'echo "$3" >> {tmp_path}/sides; cp "$4" {tmp_path}/config; echo 4000; cat > /dev/null')
    with pair.serving_both():
        pass
    assert sorted((tmp_path / "sides").read_text().split()) == ["accelerated", "reference"]
    config = json.loads((tmp_path / "config").read_text())
    assert len(config["model_list"]) == pair.DEPLOYMENTS
    assert {each["litellm_params"]["api_base"] for each in config["model_list"]} == {"http://127.0.0.1:9/v1"}
    assert config["general_settings"]["custom_auth"] == "pytest_fastllm.suite.proxy.keys.check_key"


def test_a_proxy_of_the_environment_is_not_asked_for_what_is_on_this_machine(monkeypatch):
    monkeypatch.setenv("no_proxy", "elsewhere.example")
    for name, hosts in loopback_server.WITHOUT_PROXY.items():
        monkeypatch.setenv(name, hosts)
    assert urllib.request.proxy_bypass_environment("127.0.0.1")


class FakeProxy:
    def __init__(self, per_request):
        self._per_request = per_request
        self._served = 0

    def ask(self, text):
        self._served += self._per_request

    def native_calls(self):
        return {"router": self._served, "token_counter": 0}


@pytest.mark.parametrize(
    ("reference", "accelerated", "wrong"), [(0, 2, None), (1, 2, "reference"), (0, 0, "accelerated")]
)
def test_nothing_is_timed_unless_each_proxy_is_what_it_is_taken_for(reference, accelerated, wrong):
    proxies = {Side.REFERENCE: FakeProxy(reference), Side.ACCELERATED: FakeProxy(accelerated)}

    def prove():
        test_end_to_end._prove(proxies, FakeProxy.ask, "x")

    if wrong is None:
        prove()
    else:
        with pytest.raises(AssertionError, match=f"the {wrong} proxy served"):
            prove()


@pytest.mark.parametrize(("stream", "kind"), [(False, "application/json"), (True, "text/event-stream")])
def test_the_model_answers_at_once_or_in_pieces(stream, kind):
    with loopback_server.serving(1) as (url,):
        request = urllib.request.Request(url, json.dumps({"stream": stream}).encode(), method="POST")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            assert answer.headers["Content-Type"] == kind
            body = answer.read()
    assert body == (loopback_server.STREAM if stream else loopback_server.ANSWER)

"""The sandbox on a loopback socket: both doors, and faults that a client meets as closed or refused connections."""

from __future__ import annotations

import contextlib
import logging
import socket
import sys
from collections.abc import Iterator

import httpx
import pytest

from tests.sandbox.conftest import Clock
from voipe_tui.errors import ConfigError, InputError
from voipe_tui.sandbox import Sandbox
from voipe_tui.sandbox.serve import Listener, running, serve

LOGIN = {"user": "demo", "token": "demo-token"}
MESSAGE = {**LOGIN, "op": "pv", "to": "0521110001", "msg": "Hello"}


@pytest.fixture
def sandbox(clock: Clock) -> Sandbox:
    return Sandbox(clock=clock, sleep=clock.sleep)


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Listener]:
    with running(sandbox) as listener:
        yield listener


@pytest.fixture
def client(server: Listener) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.url}/playsms/", trust_env=False, timeout=600) as client:
        yield client


def test_both_doors_answer(client: httpx.Client) -> None:
    assert client.post("api.php", json=MESSAGE).json()["data"][0]["smslog_id"] == 1
    fields = {"u": "demo", "h": "demo-token", "op": "cr"}
    assert client.post("index.php?app=ws", data=fields).json()["credit"] == 1000
    assert client.get("index.php", params={"app": "ws", **fields}).json()["credit"] == 1000


def test_no_token_and_no_fault_is_logged(
    client: httpx.Client, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "uvicorn.error")
    caplog.set_level(logging.INFO, "uvicorn.access")
    sandbox.faults.on("lost-after:pv", "http500:ds")
    client.get("index.php", params={"app": "ws", "u": "demo", "h": "demo-token", "op": "cr"})
    client.post("api.php", json={**LOGIN, "op": "ds"})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.post("api.php", json=MESSAGE)
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_a_lost_answer_closes_the_connection_without_a_byte(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.on("lost-after:pv:1", "lost-before:pv:1")
    for taken in (0, 1):  # what strikes before the work strikes first
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            client.post("api.php", json=MESSAGE)
        assert len(sandbox.gateway.accepted) == taken
    assert client.post("api.php", json=MESSAGE).status_code == 200
    assert len(sandbox.gateway.accepted) == 2


def test_not_one_byte_comes_back(server: Listener, sandbox: Sandbox) -> None:
    sandbox.faults.on("lost-after")
    with socket.create_connection((server.host, server.port), timeout=600) as connection:
        connection.sendall(b"GET /index.php?app=ws&op=cr HTTP/1.1\r\nHost: x\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):  # as good as an end
            assert connection.recv(1) == b""


def test_a_server_that_is_down_refuses_and_comes_back_on_its_port(client: httpx.Client, sandbox: Sandbox) -> None:
    assert client.post("api.php", json=MESSAGE).status_code == 200
    sandbox.faults.on("down")
    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            client.post("api.php", json=MESSAGE)
    sandbox.faults.clear()
    assert client.post("api.php", json=MESSAGE).status_code == 200
    assert len(sandbox.gateway.accepted) == 2


def test_down_for_a_number_of_requests_closes_each_at_once(client: httpx.Client, sandbox: Sandbox) -> None:
    sandbox.faults.on("down:1")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.post("api.php", json=MESSAGE)
    assert client.post("api.php", json=MESSAGE).status_code == 200
    assert len(sandbox.gateway.accepted) == 1


def test_a_sandbox_may_start_down(sandbox: Sandbox) -> None:
    sandbox.faults.on("down")
    with running(sandbox) as server:
        with pytest.raises(httpx.ConnectError):
            httpx.get(server.url, trust_env=False)
        sandbox.faults.clear()
        assert httpx.get(f"{server.url}/index.php", trust_env=False).status_code == 200


def test_slow_answers_come_after_the_sleep(client: httpx.Client, sandbox: Sandbox, clock: Clock) -> None:
    sandbox.faults.on("slow=30:pv:1")
    assert client.post("api.php", json=MESSAGE).status_code == 200
    assert clock.slept == [30]


def test_the_gateway_can_be_touched_between_requests(server: Listener, client: httpx.Client, sandbox: Sandbox) -> None:
    assert server.call(lambda: sandbox.gateway.arrive("0541234567", "hi")) == 1
    assert client.post("api.php", json={**LOGIN, "op": "ix"}).json()["data"][0]["msg"] == "hi"


def test_a_taken_port_is_explained(server: Listener) -> None:
    with pytest.raises(ConfigError, match=f"port {server.port}"), running(Sandbox(), port=server.port):
        pytest.fail("the port is taken")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.com", ""])
def test_it_listens_on_loopback_only(host: str) -> None:
    with pytest.raises(InputError, match="this machine only"):
        serve(Sandbox(), host)


def test_localhost_and_ipv6_are_loopback(sandbox: Sandbox) -> None:
    with running(sandbox, "localhost") as server:
        assert server.url.startswith("http://127.0.0.1:")
    if socket.has_ipv6 and _ipv6_works():
        with running(sandbox, "::1") as server:
            assert server.url.startswith("http://[::1]:")
            assert httpx.get(f"{server.url}/index.php", trust_env=False).status_code == 200


def _ipv6_works() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def test_serve_ends_when_it_is_stopped(sandbox: Sandbox) -> None:
    urls = []

    def ready(listener: Listener) -> None:
        urls.append(listener.url)
        listener.stop()

    serve(sandbox, ready=ready)
    (url,) = urls
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_a_missing_uvicorn_is_explained(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn.config", None)
    with pytest.raises(ConfigError, match=r"voipe-tui\[sandbox\]"):
        serve(sandbox)

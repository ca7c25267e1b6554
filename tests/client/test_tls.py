"""Certificates, private CAs, plain http and proxies: refused with the host, the reason and the remedy."""

from __future__ import annotations

import base64
import logging
import ssl
from pathlib import Path

import pytest

from tests.client.support import OK_CREDIT, OK_SEND, PATIENT, TOKEN, Connection, RawGateway, always, http_answer
from voipe_tui.client import Endpoint, GatewayClient
from voipe_tui.errors import ConfigError, MalformedReplyError, OutcomeUnknownError, UnreachableError

CERTIFICATES = Path(__file__).parent / "certificates"
CA = str(CERTIFICATES / "ca.pem")


def tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / name)
    return context


async def refused(certificate: str, *, ca_file: str = "", transport: str = "json") -> UnreachableError:
    async with RawGateway(always(http_answer(OK_SEND)), tls(certificate)) as gateway:
        async with gateway.client(transport, scheme="https", ca_file=ca_file) as client:
            with pytest.raises(UnreachableError) as caught:
                await client.send("0521112223", "hello there")
        assert not gateway.requests
    error = caught.value
    assert TOKEN not in f"{error!r}{error}"
    return error


@pytest.mark.parametrize("transport", ["json", "form"])
async def test_a_private_ca_is_trusted_when_the_profile_names_it(transport: str) -> None:
    async with RawGateway(always(http_answer(OK_SEND)), tls("server.pem")) as gateway:
        async with gateway.client(transport, scheme="https", ca_file=CA) as client:
            assert (await client.send("0521112223", "hello there")).entries[0].ok
            await client.send("0521112223", "again")
        assert gateway.connections == 1


async def test_an_unknown_issuer_names_host_reason_and_ca_file() -> None:
    error = await refused("server.pem")
    assert error.title == "The gateway's certificate is not accepted"
    assert "The certificate of 127.0.0.1 is not accepted: unable to get local issuer certificate." in error.message
    assert "Nothing was sent." in error.message
    assert "ca_file" in error.hint


async def test_an_expired_certificate() -> None:
    error = await refused("expired.pem", ca_file=CA)
    assert "certificate has expired" in error.message
    assert "clock" in error.hint
    assert "ca_file" not in error.hint


async def test_a_certificate_for_another_name() -> None:
    error = await refused("other-name.pem", ca_file=CA)
    assert "127.0.0.1" in error.message
    assert "another name" in error.hint


async def test_a_server_that_speaks_no_tls() -> None:
    async def plain(connection: Connection) -> None:
        await connection.reader.read(5)
        await connection.answer(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    async with RawGateway(plain) as gateway, gateway.client(scheme="https") as client:
        with pytest.raises(UnreachableError) as caught:
            await client.credit()
    assert "does not speak TLS" in caught.value.message
    assert "port" in caught.value.hint


async def test_a_server_that_hangs_up_in_the_tls_greeting() -> None:
    async def rude(connection: Connection) -> None:
        await connection.reader.read(5)

    async with RawGateway(rude) as gateway, gateway.client(scheme="https") as client:
        with pytest.raises(UnreachableError) as caught:
            await client.send("0521112223", "hello there")
    assert "Nothing was sent." in caught.value.message


async def test_a_connection_over_tls_that_ends_too_soon_leaves_a_send_unknown() -> None:
    async def ends(connection: Connection) -> None:
        await connection.read_request()

    async with RawGateway(ends, tls("server.pem")) as gateway, gateway.client(scheme="https", ca_file=CA) as client:
        with pytest.raises(OutcomeUnknownError):
            await client.send("0521112223", "hello there")
        with pytest.raises(UnreachableError):
            await client.credit()
    assert len(gateway.requests) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such file"), ("", "no certificate"), ("not a certificate", "no certificate")],
    ids=["missing", "empty", "garbage"],
)
async def test_a_ca_file_that_cannot_be_used(content: str | None, words: str, tmp_path: Path) -> None:
    ca_file = tmp_path / "company-ca.pem"
    if content is not None:
        ca_file.write_text(content)
    endpoint = Endpoint("https://127.0.0.1:1/", "json", "vipuser", TOKEN, ca_file=str(ca_file))
    async with GatewayClient(endpoint) as client:
        for _ in range(2):
            with pytest.raises(ConfigError) as caught:
                await client.credit()
            assert "company-ca.pem" in caught.value.message
            assert words in caught.value.message
            assert "ca_file" in caught.value.hint


async def test_certificates_of_the_environment_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    async with GatewayClient(Endpoint("https://127.0.0.1:1/", "json", "vipuser", TOKEN)) as client:
        with pytest.raises(ConfigError, match="SSL_CERT_FILE"):
            await client.credit()


# ---- addresses


@pytest.mark.parametrize("host", ["sms.example.com", "10.0.0.5", "localhost.example.com", "[2001:db8::1]", "128.0.0.1"])
def test_plain_http_is_for_loopback_alone(host: str) -> None:
    with pytest.raises(ConfigError, match="http://") as caught:
        GatewayClient(Endpoint(f"http://{host}/playsms/", "json", "vipuser", TOKEN))
    assert "allow_plain_http" in caught.value.hint
    allowed = Endpoint(f"http://{host}/playsms/", "json", "vipuser", TOKEN, allow_plain_http=True)
    assert GatewayClient(allowed).url == f"http://{host}/playsms/api.php"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "sandbox.localhost", "127.0.0.1", "127.8.9.10", "[::1]"])
def test_plain_http_to_this_machine_is_fine(host: str) -> None:
    client = GatewayClient(Endpoint(f"http://{host}:8080/playsms/", "form", "vipuser", TOKEN))
    assert client.url == f"http://{host.lower()}:8080/playsms/index.php?app=ws"


@pytest.mark.parametrize(
    ("url", "transport", "door"),
    [
        ("https://h.example/playsms/api.php", "json", "https://h.example/playsms/api.php"),
        ("https://h.example/playsms/", "json", "https://h.example/playsms/api.php"),
        ("https://h.example/playsms", "json", "https://h.example/playsms/api.php"),
        ("https://h.example", "json", "https://h.example/api.php"),
        ("https://h.example/", "form", "https://h.example/index.php?app=ws"),
        ("https://h.example/playsms/index.php?app=ws", "form", "https://h.example/playsms/index.php?app=ws"),
        ("https://h.example/playsms/index.php?app=ws", "json", "https://h.example/playsms/api.php"),
        ("https://h.example/playsms/api.php", "form", "https://h.example/playsms/index.php?app=ws"),
        ("https://h.example/playsms/index.php?app=main#top", "form", "https://h.example/playsms/index.php?app=ws"),
        ("https://h.example/sms/front.php", "json", "https://h.example/sms/front.php"),
        ("  HTTPS://H.Example:8443/playsms/api.php  ", "json", "https://h.example:8443/playsms/api.php"),
        ("https://[2001:db8::1]:444/p/", "json", "https://[2001:db8::1]:444/p/api.php"),
    ],
)
def test_the_door_that_an_address_means(url: str, transport: str, door: str) -> None:
    endpoint = Endpoint(url, transport, "vipuser", TOKEN)  # type: ignore[arg-type]
    assert GatewayClient(endpoint).url == door


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sms.example.com/playsms",
        "ftp://sms.example.com/",
        "https://",
        "https:///api.php",
        "https://h.example:notaport/",
        "https://h.example:99999/",
        "https://[::1/",
        f"https://vipuser:{TOKEN}@h.example/",
        f"https://{TOKEN}@h.example/",
        f"https://h.example/index.php?app=ws&u=vipuser&h={TOKEN}",
        f"https://h.example/api.php?token={TOKEN}",
    ],
)
def test_an_address_that_cannot_be_used(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        GatewayClient(Endpoint(url, "json", "vipuser", TOKEN))
    assert TOKEN not in f"{caught.value}{caught.value!r}"
    assert caught.value.hint


# ---- the environment


async def test_a_proxy_that_refuses_never_sees_the_token(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def proxy(connection: Connection) -> None:
        await connection.read_request()
        await connection.answer(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    async with RawGateway(proxy) as gateway:
        monkeypatch.setenv("HTTPS_PROXY", f"http://someone:hush@127.0.0.1:{gateway.port}")
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        endpoint = Endpoint("https://gateway.example/", "json", "vipuser", TOKEN)
        async with GatewayClient(endpoint, timeouts=PATIENT) as client:
            with pytest.raises(UnreachableError) as caught:
                await client.send("0521112223", "hello there")
        (request,) = gateway.requests
    assert request.method == "CONNECT"
    assert TOKEN not in f"{request}"
    assert "The proxy on the way to gateway.example refused." in caught.value.message
    assert "Nothing was sent." in caught.value.message
    encoded = base64.b64encode(b"someone:hush").decode()
    assert encoded in request.headers["proxy-authorization"]
    for secret in ("hush", encoded, TOKEN):
        assert secret not in f"{caught.value!r}{caught.value}{caplog.text}"


async def test_a_proxy_that_breaks_off_after_the_greeting_has_not_seen_the_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def proxy(connection: Connection) -> None:
        await connection.read_request()
        await connection.answer(b"HTTP/1.1 200 Connection established\r\n\r\n")

    async with RawGateway(proxy) as gateway:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{gateway.port}")
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        endpoint = Endpoint("https://gateway.example/", "json", "vipuser", TOKEN)
        async with GatewayClient(endpoint, timeouts=PATIENT) as client:
            with pytest.raises(UnreachableError) as caught:
                await client.send("0521112223", "hello there")
    assert "Nothing was sent." in caught.value.message


async def test_a_proxy_address_that_makes_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://someone:hush@proxy.example:70")
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with GatewayClient(Endpoint("https://gateway.example/", "json", "vipuser", TOKEN)) as client:
        with pytest.raises(ConfigError, match="HTTPS_PROXY") as caught:
            await client.credit()
    assert "hush" not in f"{caught.value}"


async def test_loopback_goes_past_proxies_and_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password hush\ndefault login someone password hush\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with RawGateway(always(http_answer(OK_CREDIT))) as gateway, gateway.client() as client:
        await client.credit()
    (request,) = gateway.requests
    assert "authorization" not in request.headers
    assert request.target == "/playsms/api.php"


async def test_a_redirect_is_not_followed() -> None:
    async with RawGateway(always(http_answer(OK_CREDIT))) as elsewhere:
        where = f"Location: http://127.0.0.1:{elsewhere.port}/steal?x=1\r\n"
        for status in ("301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
            answer = http_answer(b"", status, "text/html", where)
            async with RawGateway(always(answer)) as gateway, gateway.client() as client:
                with pytest.raises(MalformedReplyError, match=r"sends us elsewhere \(HTTP 30\d, to 127.0.0.1\)"):
                    await client.credit()
                with pytest.raises(OutcomeUnknownError) as caught:
                    await client.send("0521112223", "hello there")
                assert "steal" not in str(caught.value)
        assert elsewhere.connections == 0

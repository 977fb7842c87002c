import asyncio
import datetime
import ipaddress
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reflect.lti import Outbound, networks
from reflect.lti.outbound import _TIMEOUT, MAX_BYTES, Answer, OutboundFailed, OutboundRefused

from .campus import Server, json_reply

A_RESOLVERS_PATIENCE = 60.0
"""Seconds in which every resolver has said that it does not know a name, also where its servers do not answer."""


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def get(outbound: Outbound, url: str, seconds: float = 5) -> Answer:
    return asyncio.run(outbound.get(url, seconds=seconds))


def refusal(outbound: Outbound, url: str) -> str:
    with pytest.raises(OutboundRefused) as refused:
        get(outbound, url)
    return refused.value.code


def failure(outbound: Outbound, url: str, seconds: float = 5) -> str:
    with pytest.raises(OutboundFailed) as failed:
        get(outbound, url, seconds)
    return failed.value.code


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    async def answer(host: str, port: int) -> Sequence[networks.IPAddress]:
        return [ipaddress.ip_address(address) for address in addresses]

    monkeypatch.setattr(networks, "addresses", answer)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "a.localhost",
            "127.0.0.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:8.8.8.8]",
            "0.0.0.0",
        ),
        *("10.0.0.1", "169.254.169.254", "192.168.1.1", "[fd00::1]", "[fe80::1]", "[64:ff9b::7f00:1]"),
    ],
)
def test_a_private_address_is_not_called(host: str) -> None:
    assert refusal(Outbound(), f"https://{host}/jwks") == "address_private"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://127.0.0.1./",
        ),
        *("https://a@lms.example.org/", "https://lms.example.org\\@x/", "/jwks", "", "file:///etc/passwd"),
        "https://ⓛms.example.org/",
    ],
)
def test_an_odd_address_is_not_called(url: str) -> None:
    assert refusal(Outbound(), url) == "address_malformed"


def test_plain_http_is_not_called() -> None:
    assert refusal(Outbound(), "http://lms.example.org/") == "address_scheme"
    assert refusal(Outbound(["lms.example.org"]), "http://lms.example.org/") == "address_scheme"


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:10.0.0.1"]])
def test_a_name_that_leads_inside_even_in_part_is_not_called(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    resolving_to(monkeypatch, *addresses)
    assert refusal(Outbound(), "https://lms.example.org/") == "address_private"


def test_a_listed_loopback_name_that_leads_elsewhere_gets_no_plain_http(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving_to(monkeypatch, "10.0.0.1")
    assert refusal(Outbound(["localhost:8000"]), "http://localhost:8000/") == "address_scheme"


def test_a_name_without_an_address_fails() -> None:
    assert failure(Outbound(), "https://lms.invalid/", A_RESOLVERS_PATIENCE) == "unresolved"


def test_a_listed_loopback_host_is_called_by_http(server: Server) -> None:
    server.reply = json_reply({"a": 1})
    for listed in (server.host, "127.0.0.1"):
        answer = get(Outbound([listed], "Reflect/1 (+https://reflect.example.org)"), server.url)
        assert (answer.status, answer.body) == (200, b'{"a": 1}')
        assert answer.headers["content-type"] == "application/json"
    method, path, headers, _ = server.requests[0]
    assert (method, path, headers["Host"]) == ("GET", "/jwks", server.host)
    assert headers["User-Agent"] == "Reflect/1 (+https://reflect.example.org)"
    assert refusal(Outbound(["127.0.0.1:1"]), server.url) == "address_scheme"


def test_the_plain_http_predicate_agrees_with_the_calls(server: Server) -> None:
    assert Outbound([server.host]).allows_plain_http(server.url)
    assert not Outbound().allows_plain_http(server.url)
    assert not Outbound(["lms.example.org"]).allows_plain_http("http://lms.example.org/")
    assert Outbound(["[::1]:8000"]).allows_plain_http("http://[::1]:8000/")


def test_a_post_carries_its_body_and_headers(server: Server) -> None:
    server.reply = json_reply({}, 201)
    answer = asyncio.run(
        Outbound([server.host]).post(server.url, b"a=1", {"Content-Type": "application/x-www-form-urlencoded"})
    )
    method, _, headers, body = server.requests[0]
    assert (answer.status, method, body) == (201, "POST", b"a=1")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_redirect_is_an_answer_and_is_not_followed(server: Server) -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.reply = reply
    assert get(Outbound([server.host]), server.url).status == 302
    assert len(server.requests) == 1


def test_a_huge_answer_is_cut_off(server: Server) -> None:
    sent = 0

    def reply(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        for _ in range(800):
            sent += handler.wfile.write(b"x" * 65536)

    server.reply = reply
    assert failure(Outbound([server.host]), server.url) == "too_large"
    assert sent < 20 * MAX_BYTES


def test_an_answer_of_exactly_the_greatest_size_is_taken(server: Server) -> None:
    server.reply = json_reply(b"x" * MAX_BYTES)
    assert len(get(Outbound([server.host]), server.url).body) == MAX_BYTES
    server.reply = json_reply(b"x" * (MAX_BYTES + 1))
    assert failure(Outbound([server.host]), server.url) == "too_large"


def test_an_answer_that_drips_is_given_up_in_time(server: Server) -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b"x")
            time.sleep(0.1)

    server.reply = reply
    begun = time.monotonic()
    assert failure(Outbound([server.host]), server.url, seconds=0.3) == "timeout"
    assert time.monotonic() - begun < 15


def test_an_answer_that_does_not_begin_is_too_late_and_not_without_a_way(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reflect.lti.outbound._TIMEOUT", {**_TIMEOUT, "read": 0.1})
    over = threading.Event()
    server.reply = lambda _handler: over.wait(20)
    try:
        assert failure(Outbound([server.host]), server.url, seconds=20) == "timeout"
    finally:
        over.set()


def test_a_packed_answer_is_not_unpacked(server: Server) -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.reply = reply
    assert failure(Outbound([server.host]), server.url) == "encoded"


def test_nothing_listening_and_no_http_are_failures(server: Server) -> None:
    assert failure(Outbound(["127.0.0.1:1"]), "http://127.0.0.1:1/") == "unreachable"

    def nonsense(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"nonsense\r\n\r\n")

    server.reply = nonsense
    assert failure(Outbound([server.host]), server.url) == "unreachable"


def test_a_second_address_is_tried_when_the_first_does_not_answer(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving_to(monkeypatch, "127.0.0.77", "127.0.0.1")
    name = server.host.replace("127.0.0.1", "localhost")
    assert get(Outbound([name]), f"http://{name}/").status == 200
    assert server.requests[0][2]["Host"] == name


def certificate(folder: Path, name: str, begins: float = -1, ends: float = 1) -> Path:
    """A self-signed certificate and its key, for `name` only, good between so many hours from now."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(hours=begins))
        .not_valid_after(now + datetime.timedelta(hours=ends))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(signed.public_bytes(Encoding.PEM) + private)
    return path


@pytest.fixture(params=["localhost", "other.example.org"])
def tls_server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    path = certificate(tmp_path, request.param)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    running = Server(context)
    running.certified = request.param
    yield running
    running.close()


def test_tls_proves_the_name_although_the_address_is_pinned(tls_server: Server) -> None:
    name = tls_server.host.replace("127.0.0.1", "localhost")
    outbound = Outbound([name, tls_server.host])
    if tls_server.certified == "localhost":
        assert get(outbound, f"https://{name}/").status == 200
        assert failure(outbound, f"https://{tls_server.host}/") == "unreachable"
    else:
        assert failure(outbound, f"https://{name}/") == "unreachable"
    assert failure(Outbound([name]), f"http://{name}/") == "unreachable"


def test_the_proxy_of_the_environment_is_used_but_not_for_listed_hosts(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply = json_reply({}, 403)
    monkeypatch.setenv("HTTPS_PROXY", f"http://{server.host}")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert failure(Outbound(), "https://lms.invalid/jwks") == "unreachable"
    assert server.requests[0][:2] == ("CONNECT", "lms.invalid:443")
    assert get(Outbound([server.host]), server.url).status == 403
    assert server.requests[1][:2] == ("GET", "/jwks")
    assert refusal(Outbound(), "https://10.0.0.1/") == "address_private"
    monkeypatch.setenv("NO_PROXY", "lms.invalid")
    assert failure(Outbound(), "https://lms.invalid/jwks", A_RESOLVERS_PATIENCE) == "unresolved"

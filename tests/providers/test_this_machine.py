"""Proxies, certificates and broken network set-ups of the machine, each in a process with that environment."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.fakes import model_wire
from tests.fakes.model_server import ANTHROPIC, OPENAI, ModelServer, Say, Seen
from tests.fakes.tls import context

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-key-of-this-machine"
SCRIPT = """
import sys
from reviewer.providers import connect
from reviewer.providers.call import Link
from reviewer.providers.pool import Limits, Pool
from reviewer.providers.retry import Backoff
from reviewer.nouns.exchange import Block, Purpose, Reply, Request
wire, base, key = sys.argv[1:]
made = connect(wire, key=key, base_url=base, timeout=3.0)
pool = Pool([Link(wire, made, made.facts)], Limits(backoff=Backoff(attempts=1)))
asked = Request("r", Purpose.PROBE, (Block("s"),), (Block("u"),), "n", {"type": "object", "properties": {},
    "required": [], "additionalProperties": False})
for outcome in pool([asked]):
    if isinstance(outcome, Reply):
        print("ANSWER", outcome.text)
    else:
        print("FAILED", outcome.error.message, "| HINT", outcome.error.hint, "| fatal" if outcome.error.fatal else "")
"""


def run(wire: str, base: str, environment: Mapping[str, str]) -> str:
    clean = {name: value for name, value in os.environ.items() if "proxy" not in name.lower() and "SSL_" not in name}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, wire, base, KEY],
        env=clean | dict(environment),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert KEY not in done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def https(certificate: Path) -> Iterator[str]:
    """An OpenAI-style server behind TLS."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            seen = Seen(OPENAI, 1, {"model": "m", "messages": []}, {})
            import json

            data = json.dumps(model_wire.answer(seen, Say("{}"))).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, template: str, *args: object) -> None:
            """Silent."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that does not trust us hangs up."""

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context(certificate).wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def test_a_certificate_nobody_vouches_for_is_named(https: str) -> None:
    said = run(OPENAI, https, {})
    assert "could not be verified" in said
    assert "SSL_CERT_FILE" in said
    assert "fatal" in said


def test_ssl_cert_file_is_honoured(https: str, certificate: Path) -> None:
    assert "ANSWER {}" in run(OPENAI, https, {"SSL_CERT_FILE": str(certificate)})


def test_a_certificate_file_that_is_not_there_is_named(https: str, tmp_path: Path) -> None:
    said = run(OPENAI, https, {"SSL_CERT_FILE": str(tmp_path / "none.pem")})
    assert "FAILED" in said
    assert "SSL_CERT_FILE" in said


@pytest.mark.parametrize("wire", [ANTHROPIC, OPENAI])
def test_a_proxy_that_is_not_there_is_named(wire: str) -> None:
    with ModelServer() as server:
        said = run(
            wire,
            "https://models.invalid/v1",
            {"HTTPS_PROXY": server.anthropic_url.replace("http://", "http://u:pw-secret@")},
        )
    assert "FAILED" in said
    assert "HTTPS_PROXY" in said
    assert "pw-secret" not in said


@pytest.mark.parametrize("wire", [ANTHROPIC, OPENAI])
def test_a_proxy_variable_that_is_no_url_is_named(wire: str) -> None:
    said = run(wire, "http://127.0.0.1:9/v1", {"HTTP_PROXY": "ftp:// nonsense"})
    assert "FAILED" in said
    assert "HTTP_PROXY" in said


@pytest.mark.parametrize("base", ["models.example/v1", "http://", "http://127.0.0.1:99999/v1", "http://ho st/v1"])
def test_a_base_url_that_is_no_url_is_said(base: str) -> None:
    said = run(OPENAI, base, {})
    assert "FAILED" in said
    assert "base URL" in said

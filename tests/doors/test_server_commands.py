"""The commands for whoever runs a server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest


@pytest.fixture
def record(tmp_path):
    return tmp_path / "loop.sqlite"


def test_an_account_is_opened_given_a_token_and_closed(batteryloop, record):
    opened = batteryloop(
        "account", "add", "meier", "--role", "operator", "--organisation", "depot",
        "--record", record, "--json",
    ).document  # fmt: skip
    assert len(opened["password"]) >= 12
    token = batteryloop(
        "account", "token", "meier", "--days", 3, "--record", record, "--json"
    ).document
    assert token["token"].startswith("bl_")
    assert token["scopes"] == ["read"]
    batteryloop("account", "revoke", "meier", token["token_id"], "--record", record)
    batteryloop("account", "close", "meier", "--record", record)
    (account,) = batteryloop("account", "list", "--record", record, "--json").document
    assert account["is_closed"]
    assert account["tokens"][0]["revoked_at"]


def test_a_password_may_come_from_a_file_and_is_then_not_shown(batteryloop, record, tmp_path):
    file = tmp_path / "password"
    file.write_text("a phrase that is long\n")
    common = ("--record", record, "--password-file", file)
    ended = batteryloop("account", "add", "wu", "--role", "authority", *common)
    assert "phrase" not in ended.out
    ended = batteryloop("account", "password", "wu", *common, "--json")
    assert ended.document["password"] is None


def test_an_operator_without_an_organisation_is_refused(batteryloop, record):
    ended = batteryloop("account", "add", "meier", "--role", "operator", "--record", record)
    assert ended.code == 2
    assert "at least one" in ended.err


def test_the_server_starts_makes_an_admin_once_and_answers(record, tmp_path):
    script = Path(sys.executable).with_name("batteryloop")
    words = [script, "serve", "--record", record, "--keys", tmp_path / "keys", "--port", "0"]
    words = [*map(str, words), "--json"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    first, address = _start(words, environment)
    try:
        answer = httpx.get(f"{address}/api/v1/ready")
        assert answer.json()["status"] == "ready"
        signed_in = httpx.post(f"{address}/api/v1/session", json=first["admin"])
        assert signed_in.status_code == 204
    finally:
        _stop()
    again, _ = _start(words, environment)
    _stop()
    assert again["admin"] is None
    assert (tmp_path / "keys" / "session.key").stat().st_mode & 0o077 == 0


_RUNNING: list[subprocess.Popen[str]] = []


def _start(words, environment):
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    words = [port if w == "0" else w for w in words]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    _RUNNING.append(process)
    text = ""
    while not text.endswith("}\n") or text.count("{") != text.count("}"):
        line = process.stdout.readline()
        assert line, text
        text += line
    document = json.loads(text)
    for _ in range(200):
        try:
            httpx.get(f"{document['address']}/api/v1/health")
            break
        except httpx.TransportError:
            import time

            time.sleep(0.1)
    return document, document["address"]


def _stop():
    process = _RUNNING.pop()
    process.terminate()
    process.wait(20)
    process.stdout.close()


def test_a_setting_that_cannot_be_is_refused(batteryloop, record, monkeypatch):
    monkeypatch.setenv("BATTERYLOOP_PORT", "many")
    ended = batteryloop("serve", "--record", record)
    assert ended.code == 2
    assert "setting port" in ended.err

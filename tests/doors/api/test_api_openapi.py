"""The interface does what its OpenAPI says, whatever is sent to a running server."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,negative_data_rejection,"
    "missing_required_header,unsupported_method,allow_header_conformance,ignored_auth"
)


@pytest.mark.parametrize("who", ["admin", "operator"])
def test_whatever_is_sent_the_answer_is_one_that_is_documented(own_server, who, tmp_path):
    server = own_server
    tool = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [
            tool, "run", f"{server.url}/api/v1/openapi.json", "--phases", "coverage,fuzzing",
            "--checks", CHECKS, "--max-examples", "3", "--seed", "1", "--no-color",
            "--header", f"Authorization: Bearer {server.tokens[who]}",
        ],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]


def test_every_status_of_every_route_is_a_problem_or_an_answer(server):
    document = server.client().get("/api/v1/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], path
            assert "security" in operation, (method, path)
            for status, response in operation["responses"].items():
                kinds = set(response.get("content", {}))
                if int(status) >= 400:
                    assert kinds == {"application/problem+json"}, (method, path, status)


def test_the_openapi_tells_for_every_route_who_may(server):
    document = server.client().get("/api/v1/openapi.json").json()
    told = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "x-own-organisation" in operation
    }
    assert told == set(server.house.rules)

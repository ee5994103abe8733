"""A server on loopback that answers as S3 (objects of one bucket) and as SageMaker's runtime."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

Answer = tuple[int, dict[str, str], bytes]
NO_SUCH_KEY = b"<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Nothing: a client that is killed leaves its connections as they are."""


class Stub:
    def __init__(self, invoke: Callable[[bytes], Answer]) -> None:
        self.objects: dict[str, bytes] = {}
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                status, headers, answer = stub._serve(self.command, self.path, dict(self.headers.items()), body, invoke)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(answer))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_PUT = do_POST = _answer

            def log_message(self, *_: object) -> None:
                """Nothing: the requests are in the stub's list."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "stub", "AWS_SECRET_ACCESS_KEY": "stub", "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def json(self, key: str) -> dict:
        return json.loads(self.objects[key]) if key in self.objects else {}

    def wait(self, key: str, until: Callable[[dict], bool], seconds: float = 60) -> dict:
        end = time.monotonic() + seconds
        while not until(self.json(key)):
            if time.monotonic() > end:
                raise TimeoutError(f"{key} is {self.json(key)}")
            time.sleep(0.1)
        return self.json(key)

    def _serve(self, method: str, path: str, headers: dict[str, str], body: bytes, invoke: Callable[[bytes], Answer]) -> Answer:
        if path.startswith("/endpoints/"):
            self.requests.append((path, headers, body))
            return invoke(body)
        url = urlsplit(path)
        key = unquote(url.path).lstrip("/").partition("/")[2]
        if method == "PUT":
            self.objects[key] = body
            return 200, {"ETag": _etag(body)}, b""
        query = parse_qs(url.query)
        if "list-type" in query:
            return self._list(query.get("prefix", [""])[0])
        if key not in self.objects:
            return 404, {"Content-Type": "application/xml"}, NO_SUCH_KEY
        found = self.objects[key]
        return (304, {}, b"") if headers.get("If-None-Match") == _etag(found) else (200, {"ETag": _etag(found)}, found)

    def _list(self, prefix: str) -> Answer:
        keys = sorted(key for key in self.objects if key.startswith(prefix))
        contents = "".join(f"<Contents><Key>{key}</Key><Size>{len(self.objects[key])}</Size></Contents>" for key in keys)
        listed = f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>"
        return 200, {"Content-Type": "application/xml"}, listed.encode()


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'


def model_error(status: int) -> Answer:
    """As the service's model has it: ModelError, 424."""
    body = json.dumps({"Message": f"Received client error ({status}) from primary", "OriginalStatusCode": status, "LogStreamArn": "arn"})
    return 424, {"Content-Type": "application/json", "x-amzn-ErrorType": "ModelError"}, body.encode()


def service_error(status: int, code: str, message: str) -> Answer:
    return status, {"Content-Type": "application/json", "x-amzn-ErrorType": code}, json.dumps({"Message": message}).encode()

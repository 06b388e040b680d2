"""A project in a temporary folder and a real ``plumb serve`` on it, as a user has them; and a server that misbehaves."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryFile

ROOT = Path(__file__).resolve().parents[3]
NODE = ROOT / "node_modules" / ".bin" / "node"
PLUMB = ROOT / "bin" / "plumb.js"


def plumb(folder: Path, *arguments: str) -> str:
    """Runs a command; its standard output."""
    command = [str(NODE), str(PLUMB), *arguments]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, f"plumb {' '.join(arguments)}\n{ended.stdout}{ended.stderr}"
    return ended.stdout


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[str]:
    """Its address."""
    command = [str(NODE), str(PLUMB), "serve", "--port", "0", *arguments]
    # A pipe would have to be read all the time.
    with TemporaryFile("w+") as log:
        child = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert child.stdout is not None
            for line in child.stdout:
                if match := re.search(r"listening on (http://\S+)", line):
                    yield match.group(1)
                    return
            log.seek(0)
            raise AssertionError(f"plumb serve ended: {log.read()}")
        finally:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Listener = Callable[[BaseHTTPRequestHandler, Seen], None]


@dataclass
class FaultyServer:
    listeners: list[Listener]
    url: str = ""
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def faulty(*listeners: Listener) -> Iterator[FaultyServer]:
    """The nth request is answered by the nth listener; the last one answers again and again."""
    state = FaultyServer(list(listeners))
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = Seen(self.command, self.path, headers, body)
            with lock:
                listener = state.listeners[min(len(state.seen), len(state.listeners) - 1)]
                state.seen.append(seen)
            listener(self, seen)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


def answering(status: int, body: bytes | str, headers: dict[str, str] | None = None) -> Listener:
    data = body.encode() if isinstance(body, str) else body

    def listener(handler: BaseHTTPRequestHandler, _: Seen) -> None:
        handler.send_response(status)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return listener

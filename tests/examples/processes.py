"""Examples as a reader runs them: real processes, real sockets, a time limit."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import PATIENCE

ROOT = Path(__file__).parents[2]


def run(example: str, *arguments: str, folder: Path = ROOT) -> str:
    """Run `examples/<example>`; returns what it prints. A warning or a wrong exit status fails."""
    done = subprocess.run(
        [*_python(), str(ROOT / "examples" / example), *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=folder,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@contextmanager
def serving(script: Path, *arguments: str, path: Path | None = None) -> Iterator[str]:
    """Run a web server with `--port`, and give its address once it listens.

    `path`: a folder whose modules it is to find before all others.
    """
    port = free_port()
    command = [*_python(), str(script), "--host", "127.0.0.1", "--port", str(port), *arguments]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(path or "")}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if "Running on" in line:
                break
        assert server.poll() is None
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _python() -> list[str]:
    return [sys.executable, "-W", "error"]

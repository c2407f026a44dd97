"""The nginx of the machine on a folder of files, as config/nginx.conf has it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from glob import glob
from typing import Self

from syndicator.resources import folder

_PATIENCE = 10.0
_MAIN = """\
{module}
{user}
daemon off;
pid nginx.pid;
worker_processes {workers};
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include server.conf;
}}
"""


def program() -> str | None:
    """Return the path of nginx, None where there is none."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def brotli_module() -> str:
    """Return the path of the module that sends files compressed by brotli, "" where there is none."""
    return next(iter(glob("/usr/share/nginx/modules/ngx_http_brotli_static_module.so")), "")


class Nginx:
    """Serve `output` from when the block begins to when it ends.

    `service` is the port that pages are fetched from, `brotli` the module to load.

    with Nginx(program(), output) as nginx:
        ...GET nginx.url...
    """

    def __init__(self, program: str, output: str, *, service: int = 9, brotli: str = "", workers: str = "1") -> None:
        self._prefix = tempfile.mkdtemp(prefix="syndicator-nginx-")
        self._program = program
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        main = _MAIN.format(
            module=f"load_module {brotli};" if brotli else "",
            user="user root;" if os.getuid() == 0 else "",
            workers=workers,
        )
        self._write("nginx.conf", main)
        self._write("server.conf", _ours(output, self.port, service, brotli=bool(brotli)))

    def __enter__(self) -> Self:
        self._log = open(os.path.join(self._prefix, "error.log"), "w+b")
        command = [self._program, "-p", self._prefix, "-c", "nginx.conf", "-e", "stderr"]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        deadline = time.monotonic() + _PATIENCE
        while not self._listens():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline, "nginx does not listen"
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()
        shutil.rmtree(self._prefix)

    def log(self) -> str:
        """Return what nginx said."""
        with open(self._log.name, encoding="utf-8") as log:
            return log.read()

    def _write(self, name: str, text: str) -> None:
        with open(os.path.join(self._prefix, name), "w", encoding="utf-8") as file:
            file.write(text)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def _ours(output: str, port: int, service: int, *, brotli: bool) -> str:
    """Return config/nginx.conf with the lines changed that the owner is to change."""
    with open(os.path.join(folder("config"), "nginx.conf"), encoding="utf-8") as file:
        text = file.read()
    changes = {
        "listen 80;": f"listen 127.0.0.1:{port};",
        "root /srv/syndicator/public;": f"root {output};",
        "proxy_pass http://127.0.0.1:8080;": f"proxy_pass http://127.0.0.1:{service};",
    }
    if brotli:
        changes |= {"# brotli_static on;": "brotli_static on;", "disable_symlinks on from=$document_root;": ""}
    for shipped, own in changes.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, own)
    return text


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

#!/usr/bin/env python3
"""vulnerable_service.py ADDRESS PORT FOLDER: a service with two holes, for tests of shields. Never to be run elsewhere.

/download?file=NAME gives a file below FOLDER, and by ".." any other (path traversal).
/greet?name=NAME answers "Hello NAME", and what stands in {{ }} it evaluates (template injection).
"""

import http.server
import pathlib
import re
import socketserver
import sys
import urllib.parse


class Service(http.server.BaseHTTPRequestHandler):
    folder = pathlib.Path()

    def do_GET(self):  # noqa: N802
        parts = urllib.parse.urlsplit(self.path)
        arguments = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        if parts.path == "/download":
            self.download(arguments.get("file", ""))
        elif parts.path == "/greet":
            greeting = re.sub(r"{{(.*?)}}", lambda found: str(eval(found[1])), "Hello " + arguments.get("name", ""))  # noqa: S307
            self.answer(200, greeting.encode())
        elif parts.path == "/crash":
            self.answer(500, b"sorry")
        else:
            self.answer(404, b"nothing here")

    def download(self, name):
        try:
            self.answer(200, (self.folder / name).read_bytes())
        except OSError:
            self.answer(404, b"no such file")

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True


if __name__ == "__main__":
    Service.folder = pathlib.Path(sys.argv[3])
    server = Server((sys.argv[1], int(sys.argv[2])), Service)
    print("up", flush=True)
    server.serve_forever()

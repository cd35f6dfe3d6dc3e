"""An HTTP mirror of a folder on the loopback interface, which can go away and come back."""

import functools
import http.server
import pathlib
import threading


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def send_head(self):
        self.server.asked.append(self.path)
        return super().send_head()


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, handler):
        self.asked = []
        super().__init__(address, handler)

    def handle_error(self, *_):
        """A client that is killed is no error of ours."""


class Mirror:
    """Listens until it is closed. `asked` has the path of every request."""

    def __init__(self, folder, port=0):
        handler = functools.partial(_Quiet, directory=str(pathlib.Path(folder)))
        self._server = _Server(("127.0.0.1", port), handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def asked(self):
        return self._server.asked

    def close(self):
        """From now on connections are refused."""
        if self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._thread = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

"""A test's own HTTP server on loopback."""
import http.server
import threading

from chain import LOOPBACK


class QuietHandler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass


class LoopbackServer:
    """Answers at `url` until close(), each request on a thread that nobody waits for."""

    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer((LOOPBACK, 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://{LOOPBACK}:{self.server.server_port}/"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

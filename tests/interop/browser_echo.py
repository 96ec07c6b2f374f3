"""Echo between echo_peer and a headless browser: PROGRAM ECHO_PEER offer|answer reliable|unreliable COUNT
The role is ours. A tiny HTTP server on 127.0.0.1 hands the page the descriptions and takes its report. Used by
chromium_echo.py and firefox_echo.py, which know how to start theirs.
Exit status 77 (skipped) with a reason when there is no such browser."""
import base64
import http.server
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

LIMIT_SECONDS = 90
SKIPPED = 77
LARGEST = 65536  # what our descriptions announce


class Handler(http.server.BaseHTTPRequestHandler):
    ours, theirs, report = queue.Queue(), queue.Queue(), queue.Queue()

    def do_GET(self):
        if self.path.startswith("/page.html"):
            return self.answer("text/html", (pathlib.Path(__file__).parent / "page.html").read_bytes())
        if self.path == "/remote":
            return self.answer("text/plain", self.ours.get(timeout=LIMIT_SECONDS).encode())
        self.send_error(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        {"/local": self.theirs, "/result": self.report}[self.path].put(body)
        self.answer("text/plain", b"")

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def start(command):
    """A browser in a process group of its own, so that its children end with it."""
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def encode(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(line):
    return base64.urlsafe_b64decode(line + "=" * (-len(line) % 4)).decode()


def exchange(peer, role):
    """Carries the two descriptions between peer (pipes) and page (queues)."""
    if role == "offer":
        Handler.ours.put(decode(peer.stdout.readline().strip()))
    peer.stdin.write(encode(Handler.theirs.get(timeout=LIMIT_SECONDS)) + "\n")
    peer.stdin.flush()
    if role == "answer":
        Handler.ours.put(decode(peer.stdout.readline().strip()))


def check(report, role, kind, count):
    if "error" in report or report.get("wrong"):
        return False
    if role == "answer":
        return report["echoed"] == count if kind == "reliable" else report["echoed"] >= 0.9 * count
    wanted = (True, None) if kind == "reliable" else (False, 0)
    return report["closed"] and (report["ordered"], report["maxRetransmits"]) == wanted


def main(browser_name, command_line):
    """`command_line(program, profile, url)` is the browser's; it may put its settings into the profile's folder."""
    program, role, kind, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    browser_program = shutil.which(browser_name)
    if not browser_program:
        print(f"SKIPPED: no {browser_name} on this machine (scripts/setup interop installs it)")
        return SKIPPED
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    their_role = "answer" if role == "offer" else "offer"
    url = f"http://127.0.0.1:{server.server_port}/page.html?role={their_role}&kind={kind}&count={count}&largest={LARGEST}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = start(command_line(browser_program, profile, url))
        # As an answerer we are the DTLS server, so that the ClientHello is the browser's own.
        peer = subprocess.Popen([program, role, kind, str(count), str(LARGEST), "dtls-server"], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        try:
            exchange(peer, role)
            report = json.loads(Handler.report.get(timeout=LIMIT_SECONDS))
            result = peer.stdout.readline().strip()
            status = peer.wait(timeout=LIMIT_SECONDS)
        except queue.Empty:
            report, result, status = {"error": "the page never reported"}, "", 1
        finally:
            peer.kill()
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
    print("page:", json.dumps(report))
    print("ours:", result)
    return 0 if status == 0 and check(report, role, kind, count) else 1


"""Open all pages of a built site in one headless browser, and measure them."""

import json
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

WIDTHS = {"phone": 390, "desktop": 1280}
SCHEMES = ("light", "dark")

# Runs before all else in a page.
PROBE = b"""<script>
window.problems = [];
const note = (e) => problems.push(e.message || `not loaded: ${e.target.src}`);
addEventListener("error", note, true);
for (const name of ["error", "warn"]) {
  console[name] = (...said) => problems.push(said.join(" "));
}
</script>"""

DRIVER = """<!DOCTYPE html><meta charset="utf-8"><title>driver</title>
<iframe id="frame" style="height:900px;border:0"></iframe><script>
const widths = WIDTHS, schemes = SCHEMES, pages = PAGES;
const frame = document.getElementById("frame");
const rest = (ms) => new Promise((done) => setTimeout(done, ms));
const paint = () => rest(40);

function tooWide(root, width) {
  // The innermost elements that reach beyond the window and do not scroll themselves.
  const scrolls = (e) => e && (
    getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  return [...root.querySelectorAll("body *")].filter((e) =>
    e.checkVisibility() && e.getBoundingClientRect().right > width + 1
    && !scrolls(e)).slice(0, 3).map((e) => `${e.tagName}.${e.className}`);
}

async function open(page) {
  const loaded = new Promise((done) => { frame.onload = done; });
  frame.style.width = `${widths.desktop}px`;
  frame.src = `/${page}`;
  await loaded;
  const inside = frame.contentDocument, root = inside.documentElement;
  const seen = {page, title: inside.title, views: {}};
  for (const [device, width] of Object.entries(widths)) {
    frame.style.width = `${width}px`;
    for (const scheme of schemes) {
      root.dataset.theme = scheme;
      await paint();
      const style = getComputedStyle(inside.body);
      seen.views[`${device}, ${scheme}`] = {
        width: root.clientWidth, needed: root.scrollWidth,
        background: style.backgroundColor, ink: style.color,
        wide: root.scrollWidth > root.clientWidth ? tooWide(inside, width) : [],
      };
    }
  }
  seen.problems = frame.contentWindow.problems;
  seen.images = [...inside.images].filter((i) => i.complete && !i.naturalWidth)
    .map((i) => i.src);
  return seen;
}

(async () => {
  for (const page of pages) {
    let seen;
    try { seen = await open(page); } catch (e) { seen = {page, failed: String(e)}; }
    await fetch("/report", {method: "POST", body: JSON.stringify(seen)});
  }
  await fetch("/report", {method: "POST", body: "null"});
})();
</script>"""


class Handler(SimpleHTTPRequestHandler):
    """Serve a site with the probe in each page, the driver, and take its reports."""

    def do_GET(self):
        path = self.translate_path(self.path.partition("?")[0])
        if self.path == "/driver":
            return self._send(self.server.driver.encode())
        if path.endswith(".html"):
            with open(path, "rb") as file:
                text = file.read()
            return self._send(text.replace(b"<head>", b"<head>" + PROBE, 1))
        return super().do_GET()

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.reports.append(json.loads(self.rfile.read(length)))
        self._send(b"")
        if self.server.reports[-1] is None:
            self.server.is_done.set()

    def _send(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Write nothing."""


@contextmanager
def serve(folder, pages):
    """Serve a folder on a free port of this machine."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Handler, directory=str(folder))
    )
    server.driver = (
        DRIVER.replace("WIDTHS", json.dumps(WIDTHS))
        .replace("SCHEMES", json.dumps(SCHEMES))
        .replace("PAGES", json.dumps(pages))
    )
    server.reports, server.is_done = [], threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def open_all(browser, folder, pages, timeout=1200):
    """Open pages one after another.

    Parameters
    ----------
    browser : str
        Program of the Chromium family.
    folder : pathlib.Path
        The built site.
    pages : list of str
        Paths in it.
    timeout : float
        Seconds after which the browser is ended.

    Returns
    -------
    reports : dict from page to dict
    """
    with serve(folder, pages) as server, tempfile.TemporaryDirectory() as profile:
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={profile}",
            "--window-size=1400,1000",
            f"http://127.0.0.1:{server.server_port}/driver",
        ]
        with open(f"{profile}/log", "w") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                finished = server.is_done.wait(timeout)
            finally:
                process.terminate()
                process.wait()
        found = {report["page"]: report for report in server.reports if report}
        assert finished, f"only {len(found)} of {len(pages)} pages reported"
        return found

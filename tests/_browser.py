"""Open a page in a browser, where there is one, and measure it."""

import json
import os
import re
import shutil
import subprocess
from html import escape, unescape

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCHEMES = {"dark": 0, "light": 1}  # Blink's numbers
VARIABLE = "SKCROWD_BROWSER"

# Runs before all else in the page, and reports to the frame around it after a second.
PROBE = """<script>
const errors = [];
addEventListener("error", (event) => errors.push(event.message));
addEventListener("securitypolicyviolation", (e) => errors.push(e.violatedDirective));
for (const name of ["error", "warn"]) console[name] = (...said) => errors.push(said);
const column = (table) => [...table.tBodies[0].rows].map((r) => r.cells[1].dataset.key);
addEventListener("load", () => setTimeout(() => {
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const table = document.querySelector("#annotators table:last-of-type");
  const button = table.tHead.rows[0].cells[1].querySelector("button");
  button.click();
  const descending = column(table);
  button.click();
  const search = document.querySelector("input[type=search]");
  if (search) {
    search.value = "no such annotator";
    search.dispatchEvent(new Event("input"));
  }
  const root = document.documentElement;
  const shown = (element) => element.checkVisibility();
  parent.postMessage({
    errors, descending, ascending: column(table),
    width: root.clientWidth, needed: root.scrollWidth,
    background: getComputedStyle(document.body).backgroundColor,
    ink: getComputedStyle(document.body).color,
    found: search && [...search.nextElementSibling.querySelectorAll("tbody tr")]
      .filter(shown).length,
  }, "*");
}, 200));
</script>"""
FRAME = """<!DOCTYPE html><meta charset="utf-8"><pre id="said"></pre><script>
addEventListener("message", (event) => {
  document.getElementById("said").textContent = JSON.stringify(event.data);
});
</script><iframe style="width:WIDTHpx;height:800px;border:0" srcdoc="PAGE"></iframe>"""


def find_browser():
    """Path of a browser of the Chromium family; None where there is none."""
    named = os.environ.get(VARIABLE)
    found = [shutil.which(name) for name in ([named] if named else NAMES)]
    if named and not found[0]:
        raise FileNotFoundError(f"{VARIABLE}={named} is no program.")
    return next(filter(None, found), None)


def measure(browser, html, width, scheme, folder):
    """Open a page in a frame of some width, and return what the probe saw."""
    page = html.replace("<head>", f"<head>{PROBE}", 1)
    assert page != html
    frame = FRAME.replace("WIDTH", str(width)).replace("PAGE", escape(page, quote=True))
    path = folder / "frame.html"
    path.write_text(frame, encoding="utf-8")
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
        f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
        "--virtual-time-budget=5000",
        "--dump-dom",
        path.as_uri(),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    said = re.search(r'<pre id="said">(.+?)</pre>', run.stdout, re.S)
    assert said, f"the page did not report; the browser wrote: {run.stderr[-2000:]}"
    return json.loads(unescape(said[1]))

"""Settings of Sphinx: ``make docs`` builds the site into docs/_build/html."""

import os
import sys
import warnings
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS / "_ext"), str(DOCS.parent)]

import benchmark_pages  # noqa: E402
import reference_pages  # noqa: E402

import skcrowd  # noqa: E402

project = "skcrowd"
author = "skcrowd developers"
copyright = "skcrowd developers, BSD-3-Clause"
release = version = skcrowd.__version__

extensions = [
    "benchmark_tables",
    "docstring_links",
    "mathml",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinx_llms_txt",
    "sphinxcontrib.bibtex",
    "sphinxext.opengraph",
]
templates_path = ["_templates"]
exclude_patterns = [
    "_build",
    "_tests",
    "_generated",
    "examples",
    "**/GALLERY_HEADER.rst",
]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}
default_role = "literal"
nitpicky = False
suppress_warnings = ["config.cache"]

# Markdown.
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3

# Reference. Pages list the names of `__all__`; see _ext/reference_pages.py.
autosummary_generate = [f"api/{name}.rst" for name in reference_pages.PACKAGES]
toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# Names of other projects become links where their inventories can be read, which needs
# the network: SKCROWD_DOCS_ONLINE=1 make docs.
_INVENTORIES = {
    "numpy": "https://numpy.org/doc/stable/",
    "pandas": "https://pandas.pydata.org/docs/",
    "python": "https://docs.python.org/3/",
    "sklearn": "https://scikit-learn.org/stable/",
    "skorch": "https://skorch.readthedocs.io/en/stable/",
    "torch": "https://docs.pytorch.org/docs/stable/",
}
_IS_ONLINE = os.environ.get("SKCROWD_DOCS_ONLINE") == "1"
intersphinx_mapping = {n: (u, None) for n, u in _INVENTORIES.items() if _IS_ONLINE}

# Gallery: files plot_*.py run in the build, the others are scripts for a terminal.
sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "ignore_pattern": r"^(demo_|my_method)",
    "within_subsection_order": "gallery_order.ExampleOrder",
    "backreferences_dir": "api/backreferences",
    "doc_module": ("skcrowd",),
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "remove_config_comments": True,
    "capture_repr": ("_repr_html_", "__repr__"),
    "min_reported_time": 1e6,
    "write_computation_times": False,
}
warnings.filterwarnings("ignore", message=".*is non-interactive, and thus cannot")


def warning_text(message, category, filename, lineno, line=None):
    """Show a warning of an example without the path of the file."""
    return f"{category.__name__}: {message}\n"


warnings.formatwarning = warning_text

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
# Where the site is published; links to it in previews need the whole address.
ogp_site_url = os.environ.get("SKCROWD_SITE_URL", "")
ogp_social_cards = {"enable": False}
ogp_enable_meta_description = True
llms_txt_summary = (
    "skcrowd trains neural networks on the answers of many annotators who differ in "
    "skill, with the interface of scikit-learn and PyTorch inside."
)

html_theme = "pydata_sphinx_theme"
html_title = "skcrowd"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_favicon = "_static/logo.svg"
html_show_sourcelink = False
html_theme_options = {
    "logo": {
        "text": "skcrowd",
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
    },
    "navbar_align": "left",
    "header_links_before_dropdown": 7,
    "navigation_depth": 3,
    "show_toc_level": 2,
    "show_prev_next": True,
    "footer_start": ["copyright"],
    "footer_end": [],
    "navbar_persistent": ["search-button"],
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "faq": [], "glossary": [], "bibliography": []}
html_context = {"default_mode": "auto"}


def setup(app):
    """Register what Sphinx calls."""
    # Before Sphinx looks for documents: autosummary reads those that are there then.
    app.connect("config-inited", write_pages)


def write_pages(app, config):
    """Write what is made from the package, and from the tables of the benchmarks."""
    reference_pages.write(DOCS / "api")
    benchmark_pages.write()

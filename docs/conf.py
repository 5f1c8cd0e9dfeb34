"""How the pages are built: `make docs`. Nothing is fetched from the network.

Pages of code are scripts. `guide/`, `howto/`, `traps/` and `../examples/` are run at the build, and
the reader sees the text of their comments, their code, what it printed and drew. They end up in
`auto_guide/` and so on; `.md` and `.rst` pages that stand beside them go there unchanged, so a link
such as `../models.md` means the same in both places.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

from figures import named_figures

import physio_vad

project = "physio_vad"
author = "the authors of physio_vad"
copyright = author  # noqa: A001
version = release = physio_vad.__version__
language = "en"
smartquotes = False  # ``--out`` keeps its two signs

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "drawing",
    "generated",
    "names",
    "pages",
]
# Sources of the galleries are read by sphinx-gallery, which writes what Sphinx reads.
exclude_patterns = ["_build", "guide", "howto", "traps", "**/sg_execution_times.rst"]
exclude_patterns += ["sg_execution_times.rst", "README.md"]

# Every reference must lead somewhere; `make docs` turns warnings into errors.
nitpicky = True
default_role = "py:obj"
suppress_warnings = ["config.cache"]

autodoc_typehints = "none"  # the docstrings say types, with shapes and units
autodoc_member_order = "bysource"
autosummary_generate = True
autosummary_ignore_module_all = False
numpydoc_show_class_members = False
numpydoc_validation_checks: set[str] = set()

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

GALLERIES = {"guide": "auto_guide", "howto": "auto_howto", "traps": "auto_traps"}
GALLERIES = {made: made_in for made, made_in in GALLERIES.items() if (HERE / made).is_dir()}
GALLERIES["../examples"] = "auto_examples"
sphinx_gallery_conf = {
    "examples_dirs": list(GALLERIES),
    "gallery_dirs": list(GALLERIES.values()),
    "filename_pattern": r"\.py$",
    "copyfile_regex": r".*\.(rst|md|svg)$",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "capture_repr": ("_repr_html_", "__repr__"),
    "remove_config_comments": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e6,
    "plot_gallery": True,
    "reset_modules": ("matplotlib", "figures.fresh_page"),
    "image_scrapers": (named_figures, "matplotlib"),
}

html_theme = "pydata_sphinx_theme"
html_title = "physio_vad"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_js_files = ["pages.js"]
html_show_sourcelink = False
html_copy_source = False
html_favicon = "_static/favicon.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system says
html_theme_options = {
    "show_nav_level": 1,
    "navigation_with_keys": False,
    "secondary_sidebar_items": {
        "reference/**": ["page-toc"],
        "*": ["page-toc"],
        "auto_*/*": [],
        "features": [],  # its tables need the width
    },
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_version_warning_banner": False,
}

"""Settings of Sphinx. `make docs` builds with every warning an error."""

from webrtc import __version__

project = "asyncio-webrtc"
version = release = __version__
copyright = "the asyncio-webrtc authors"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
default_role = "code"
html_theme = "furo"
html_title = f"asyncio-webrtc {__version__}"
html_static_path = ["_static"]
html_css_files = ["landing.css"]
pygments_dark_style = "github-dark"

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True

# `type: …` in a signature may mean the built-in or a member of that name; it is only a link.
suppress_warnings = ["ref.python"]


def _skip_event_handlers(_app, _what, name, obj, skip, _options):
    """The `on…` attributes are in the docstrings of their classes, as events."""
    return skip or (obj is None and name.startswith("on"))


def setup(app):
    app.connect("autodoc-skip-member", _skip_event_handlers)

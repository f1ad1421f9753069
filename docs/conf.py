"""Settings of Sphinx. `make docs` builds with every warning an error."""

import functools
import importlib

from sphinx.util.nodes import make_refnode

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

# Every name of ours that a page or a signature mentions leads somewhere. What belongs to Python or
# to a dependency is not linked, and neither are type variables and what only the shell's parts use.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!webrtc\.).*"),
    ("py:.*", r"webrtc\..*\.(T|\w+T|\w+T_(co|contra)|_\w+)"),
    ("py:.*", r"webrtc\.aio\..*\.(Conduit|Driver|IceCore|Messages|Shown|Tasks)"),
    ("py:.*", r"webrtc\.vnet\..*\.(Driver|Engine|Name|Socket)"),
    ("py:.*", r"webrtc\.(dtls\.record\.Protection|sctp\.parameters\.Parameter)"),
]

# `type: …` in a signature may mean the built-in or a member of that name; it is only a link.
suppress_warnings = ["ref.python"]


def _skip_event_handlers(_app, _what, name, obj, skip, _options):
    """The `on…` attributes are in the docstrings of their classes, as events."""
    return skip or (obj is None and name.startswith("on"))


def _find_by_identity(app, env, node, contnode):
    """A signature names the module that defines a class; the page may have it from its package."""
    wanted = _object(node.get("reftarget", ""))
    if node.get("refdomain") != "py" or wanted is None:
        return None
    for name, entry in env.get_domain("py").objects.items():
        if entry.objtype in {"class", "exception"} and _object(name) is wanted:
            source = node["refdoc"]
            return make_refnode(app.builder, source, entry.docname, entry.node_id, contnode, name)
    return None


@functools.cache
def _object(name):
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        return None


def setup(app):
    app.connect("autodoc-skip-member", _skip_event_handlers)
    app.connect("missing-reference", _find_by_identity)

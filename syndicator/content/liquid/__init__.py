"""Render Liquid as Jekyll does; what cannot be rendered is left out and told, and never reaches a reader.

A tree of nodes (`parsing`, of `tokens`) is run (`running`): tags (`tags`, `blocks`, and `site_tags`, which are
Jekyll's own), expressions (`expressions`, read by `grammar`) and filters (`filters`), over values with Ruby's rules
(`values`).
"""

from syndicator.content.liquid.context import Context, Included, Unavailable
from syndicator.content.liquid.rendering import Fault, render

__all__ = ["Context", "Fault", "Included", "Unavailable", "render"]

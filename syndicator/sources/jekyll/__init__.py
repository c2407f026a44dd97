"""A Jekyll site: the folder that holds `_posts` and `_config.yml`."""

from syndicator.sources.jekyll.source import Source, detect

__all__ = ["Source", "detect"]

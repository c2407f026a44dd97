"""Turn a folder of posts into feeds, e-mail digests and chat notifications."""

__version__ = "0.1.0"

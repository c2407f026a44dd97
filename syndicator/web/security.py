"""Let pages do nothing but show: a Content-Security-Policy (level 2) for each."""

from __future__ import annotations

import base64
import hashlib
import re

_INLINE = re.compile(r"<(style|script)(?:\s[^>]*)?>(.*?)</\1>", re.DOTALL)


def policy(html: str, *, files: bool = False) -> str:
    """Allow the page's own style sheets and scripts, by their hashes, a form that posts to us, and nothing else.

    `files` allows those of the same server, and pictures, too.
    """
    parts = ["default-src 'none'", _sources("style", html, files=files) or "style-src 'none'"]
    parts += filter(None, [_sources("script", html, files=files), "img-src 'self' data:" if files else ""])
    return "; ".join([*parts, "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"])


def _sources(kind: str, html: str, *, files: bool) -> str:
    inline = [f"'sha256-{_digest(text)}'" for name, text in _INLINE.findall(html) if name == kind and text.strip()]
    sources = [*(["'self'"] if files else []), *dict.fromkeys(inline)]
    return f"{kind}-src {' '.join(sources)}" if sources else ""


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

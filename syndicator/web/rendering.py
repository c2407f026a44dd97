"""Turn templates into HTML responses: in the reader's language, allowed to do nothing but show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse

from syndicator.web.negotiation import choose_language
from syndicator.web.security import policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from syndicator.templates import Templates


class Renderer:
    """Render `templates/web/*.html`; `site` holds what every one of them may use, `site_language` among it."""

    def __init__(self, templates: Templates, site: Mapping[str, str]) -> None:
        self._templates = templates
        self._site = site

    def language(self, request: Request) -> str:
        """Return the language to answer in."""
        wishes = request.headers.get("accept-language", "")
        return choose_language(wishes, self._site["site_language"], self._templates.language)

    def html(self, name: str, language: str, **values: Any) -> str:
        """Render `web/<name>.html`."""
        return self._templates.render(f"web/{name}.html", language, **self._site, **values)

    def respond(
        self, request: Request, name: str, code: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> HTMLResponse:
        """Render `web/<name>.html` and answer with it."""
        language = self.language(request)
        return answer(self.html(name, language, **values), language, code, headers)


def answer(html: str, language: str, code: int = 200, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """Wrap a page in the headers that all pages have. No address of ours goes out as Referer: it may hold a token."""
    own = {
        "Content-Language": language,
        "Content-Security-Policy": policy(html),
        "Referrer-Policy": "no-referrer",
        "Vary": "Accept-Language",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, code, {**own, **(headers or {})})

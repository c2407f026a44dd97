"""Tell machines how the service is: /healthz (the process lives), /readyz (it can do its work), /metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from starlette.responses import PlainTextResponse, Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI
    from starlette.requests import Request

_READ = ["GET", "HEAD"]
_FRESH = {"Cache-Control": "no-store"}


class Probes(Protocol):
    """Know how the service is."""

    def problems(self) -> Sequence[str]:
        """Return why the service cannot do its work now, in words; nothing when it can."""

    def metrics(self, accept: str) -> tuple[bytes, str] | None:
        """Return the metrics and their media type for an Accept header, None where they are switched off."""

    def served(self, status: int) -> None:
        """Take note of an answer to a request for a feed."""


def add_probes(app: FastAPI, probes: Probes) -> None:
    """Serve the probes. Those that ask the store are plain functions, which Starlette calls in its threads."""

    async def report_health(_: Request) -> Response:
        return PlainTextResponse("ok", headers=_FRESH)

    def report_readiness(_: Request) -> Response:
        problems = probes.problems()
        return PlainTextResponse("\n".join(problems) or "ok", 503 if problems else 200, _FRESH)

    def report_metrics(request: Request) -> Response:
        found = probes.metrics(request.headers.get("accept", ""))
        if found is None:
            return PlainTextResponse("metrics are switched off: [web] metrics", 404, _FRESH)
        return Response(found[0], headers={**_FRESH, "Content-Type": found[1]})

    for path, answer in (("/healthz", report_health), ("/readyz", report_readiness), ("/metrics", report_metrics)):
        app.router.add_route(path, answer, methods=_READ)

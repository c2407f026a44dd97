"""What readers get over HTTP from the real service, as its feeds change."""

from __future__ import annotations

import gzip

import brotli
import feedparser

from tests.e2e.site import Reply, Service, Site, eventually

FEED = "/feeds/category/rates.atom"
REDIRECTS = '[redirects]\npresets = ["jekyll-feed"]\npaths = { "/old/:name.rss" = "/feeds/category/:name.rss" }\n'


def titles(body: bytes) -> list[str]:
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    return [entry.title for entry in parsed.entries]


def test_each_encoding_is_the_same_feed_under_a_tag_of_its_own(site: Site) -> None:
    site.post()
    site.run("build")
    with Service(site, "serve") as service:
        plain, zipped, brief = (service.get(FEED, **{"Accept-Encoding": name}) for name in ("identity", "gzip", "br"))
        assert gzip.decompress(zipped.body) == brotli.decompress(brief.body) == plain.body
        assert len({answer.headers["etag"] for answer in (plain, zipped, brief)}) == 3
        again = service.get(FEED, **{"Accept-Encoding": "br", "If-None-Match": brief.headers["etag"]})
        assert (again.status, again.body) == (304, b"")


def test_headers_say_how_often_it_changes_and_what_it_is_related_to(site: Site) -> None:
    for day in range(1, 5):
        site.post(f"day-{day}", date=f"2026-01-0{day} 12:00:00 +0000")
    site.run("build")
    with Service(site, "serve") as service:
        headers = service.get(FEED).headers
        assert headers["cache-control"] == "public, max-age=43200"
        assert headers["link"] == f'<{site.url}{FEED}>; rel="self"; type="application/atom+xml"'
        assert headers["vary"] == "Accept-Encoding"


def test_readers_of_another_generators_feeds_are_led_to_ours(site: Site) -> None:
    site.configure(more=REDIRECTS)
    site.post(categories="Rates")
    site.run("build")
    with Service(site, "serve") as service:
        for old in ("/feed.xml", "/feed/Rates.xml", "/feed/rates.xml", "/old/rates.rss"):
            assert titles(service.get(old).body) == ["The first post"], old  # redirects are followed
        assert service.get("/feed/none.xml").status == 404


def test_a_feed_that_was_removed_is_gone(site: Site) -> None:
    site.post()
    site.run("build")
    with Service(site, "serve") as service:
        assert service.get("/feeds/category/old.rss").status == 404
        (site.folder / "public/feeds/category/old.gone").touch()
        assert service.get("/feeds/category/old.rss").status == 410
        assert service.get(FEED).status == 200


def test_a_reader_that_knows_how_gets_only_what_is_new(site: Site) -> None:
    site.post()
    site.run("build")
    with Service(site) as service:
        known = service.get(FEED).headers["etag"]
        site.post("second")

        def come() -> Reply | None:
            answer = service.get(FEED, **{"A-IM": "feed", "If-None-Match": known})
            return answer if answer.status != 304 else None

        part = eventually(come, "the second post")
        assert (part.status, part.headers["im"]) == (226, "feed")
        assert part.headers["cache-control"] == "no-store, im"
        assert titles(part.body) == ["The second post"]
        assert sorted(titles(service.get(FEED).body)) == ["The first post", "The second post"]
        assert service.get(FEED, **{"If-None-Match": part.headers["etag"]}).status == 304


def test_a_file_of_the_owners_comes_before_the_page_of_ours(site: Site) -> None:
    site.post()
    site.run("build")
    with Service(site, "serve") as service:
        assert b"The first post" not in service.get("/").body
        (site.folder / "public/index.html").write_text("<p>Ours</p>")
        assert service.get("/").body == b"<p>Ours</p>"
        assert service.get("/healthz").body == b"ok"


def test_what_is_wrong_with_redirects_is_said(site: Site) -> None:
    paths = '{ "feed.xml" = "/feeds/site/all.rss", "/a" = "b" }'
    site.configure(more=f'[redirects]\npresets = ["jekyll"]\npaths = {paths}\n')
    checked = site.run("check", code=2)
    said = checked.stdout + checked.stderr
    assert 'redirects.presets.0: "jekyll" is no generator known here; did you mean "jekyll-feed"?' in said
    assert 'redirects.paths: "feed.xml" is no path, expected one such as "/feed.xml"; "/a" leads nowhere' in said

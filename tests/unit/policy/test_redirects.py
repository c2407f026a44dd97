"""Where old feed addresses lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndicator.policy.redirects import PRESETS, Redirects, mistake


@pytest.mark.parametrize(
    ("preset", "path", "first"),
    [
        ("jekyll-feed", "/feed.xml", "/feeds/site/all.atom"),
        ("jekyll-feed", "/feed/news.xml", "/feeds/category/news.atom"),
        ("jekyll-feed", "/feed/by_tag/临沂日报新闻.xml", "/feeds/tag/临沂日报新闻.atom"),
        ("hugo", "/index.xml", "/feeds/site/all.rss"),
        ("hugo", "/categories/world-news/index.xml", "/feeds/category/world-news.rss"),
        ("hugo", "/tags/c++/index.xml", "/feeds/tag/c.rss"),
        ("hugo", "/posts/index.xml", "/feeds/category/posts.rss"),
        ("pelican", "/feeds/all.atom.xml", "/feeds/site/all.atom"),
        ("pelican", "/feeds/all-de.atom.xml", "/feeds/language/de.atom"),
        ("pelican", "/feeds/news.rss.xml", "/feeds/category/news.rss"),
        ("ghost", "/rss/", "/feeds/site/all.rss"),
        ("ghost", "/tag/news/rss/", "/feeds/tag/news.rss"),
        ("ghost", "/author/chen/rss/", "/feeds/author/chen.rss"),
        ("wordpress", "/feed/", "/feeds/site/all.rss"),
        ("wordpress", "/feed", "/feeds/site/all.rss"),
        ("wordpress", "/feed/atom/", "/feeds/site/all.atom"),
        ("wordpress", "/feed/rss2/", "/feeds/site/all.rss"),
        ("wordpress", "/category/world/news/feed/", "/feeds/category/news.rss"),
        ("wordpress", "/tag/news/feed/atom/", "/feeds/tag/news.atom"),
        ("zola", "/atom.xml", "/feeds/site/all.atom"),
        ("zola", "/tags/news/rss.xml", "/feeds/tag/news.rss"),
        ("eleventy", "/feed/feed.xml", "/feeds/site/all.atom"),
    ],
)
def test_presets_know_the_paths_of_other_generators(preset: str, path: str, first: str) -> None:
    assert next(Redirects.of({}, [preset]).offered(path)) == first


def test_a_path_that_may_mean_two_feeds_offers_both_in_order() -> None:
    offered = Redirects.of({}, ["pelican"]).offered("/feeds/chen.atom.xml")
    assert list(offered) == ["/feeds/category/chen.atom", "/feeds/author/chen.atom"]


@pytest.mark.parametrize(
    "path", ["/", "", "/feed", "/feed/.xml", "/feed/a/b/c.xml", "/feedxxml", "/feed.xml/x", "x/feed.xml", "/FEED.XML"]
)
def test_other_paths_lead_nowhere(path: str) -> None:
    assert list(Redirects.of({}, ["jekyll-feed"]).offered(path)) == []


@pytest.mark.parametrize(
    ("pattern", "target", "path", "led"),
    [
        ("/old.xml", "/feeds/site/all.rss", "/old.xml", "/feeds/site/all.rss"),
        ("/old/", "/feeds/site/all.rss", "/old", "/feeds/site/all.rss"),
        ("/rss/:name.xml", "/feeds/category/:name.rss", "/rss/World News.xml", "/feeds/category/World-News.rss"),
        ("/feeds/tag/old.:format", "/feeds/tag/new.:format", "/feeds/tag/old.atom", "/feeds/tag/new.atom"),
        ("/:a-:b.xml", "/feeds/:a/:b.rss", "/tag-x.xml", "/feeds/tag/x.rss"),
        ("/old.xml", "https://other.example:8443/a?b=c", "/old.xml", "https://other.example:8443/a?b=c"),
        ("/old.xml", "/feeds/site/all.rss", "/older.xml", None),
        ("/a.c", "/feeds/site/all.rss", "/abc", None),
    ],
)
def test_the_owners_own(pattern: str, target: str, path: str, led: str | None) -> None:
    assert mistake(pattern, target) == ""
    assert Redirects.of({pattern: target}, []).ordered(path) == led


def test_the_first_of_several_that_match_is_followed() -> None:
    redirects = Redirects.of({"/feed/all.xml": "/feeds/site/all.rss", "/feed/:name.xml": "/feeds/tag/:name.rss"}, [])
    assert redirects.ordered("/feed/all.xml") == "/feeds/site/all.rss"
    assert redirects.ordered("/feed/one.xml") == "/feeds/tag/one.rss"


@pytest.mark.parametrize(
    ("pattern", "target", "wrong"),
    [
        ("feed.xml", "/feeds/site/all.rss", 'is no path, expected one such as "/feed.xml"'),
        ("/feed.xml", "feeds/all.rss", 'leads nowhere, expected a path such as "/feeds/site/all.rss", or an address'),
        ("/feed.xml", "ftp://x", 'leads nowhere, expected a path such as "/feeds/site/all.rss", or an address'),
        ("/:a/:a.xml", "/feeds/tag/:a.rss", "has a :name in it twice, expected another for each"),
        ("/:a.xml", "/feeds/tag/:b.rss", "leads to :b, which is not in it"),
        ("/feed/", "/feed", "leads to itself"),
    ],
)
def test_what_is_wrong_with_a_redirect_is_said(pattern: str, target: str, wrong: str) -> None:
    assert mistake(pattern, target) == wrong


def test_no_preset_is_wrong() -> None:
    assert [mistake(*pair) for pairs in PRESETS.values() for pair in pairs if mistake(*pair)] == []


@given(st.text(max_size=30), st.sampled_from(sorted(PRESETS)))
def test_what_is_in_a_path_names_one_slug_and_never_a_folder(text: str, preset: str) -> None:
    for before, after in (("/feed/", ".xml"), ("/tag/", "/rss"), ("/tags/", "/index.xml"), ("/feeds/", ".rss.xml")):
        for target in Redirects.of({}, [preset]).offered(before + text + after):
            assert target.count("/") == 3
            assert ".." not in target

"""What pages are allowed to do."""

from __future__ import annotations

from syndicator.web.security import policy

END = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
# printf 'a{}' | openssl dgst -sha256 -binary | base64
HASH = "'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk='"


def test_a_page_with_nothing_of_its_own() -> None:
    assert policy("<p>") == f"default-src 'none'; style-src 'none'; {END}"


def test_every_inline_style_and_script_is_allowed_by_its_hash_once() -> None:
    html = "<style>a{}</style><style media=print>a{}</style><script type=module>\na()\n</script><script src=a></script>"
    style, script = policy(html).split("; ")[1:3]
    assert style == f"style-src {HASH}"
    assert script.startswith("script-src 'sha256-")
    assert script.count("sha256") == 1


def test_files_of_the_same_server_are_allowed_on_demand() -> None:
    assert policy("", files=True) == (
        f"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; {END}"
    )

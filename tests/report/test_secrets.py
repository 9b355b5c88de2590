"""Secrets of a study's text stay out of its page, and are found in time like its length."""

from __future__ import annotations

import sys

import pytest

from dashboards.pages import secrets
from dashboards.pages.secrets import mask_secrets


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:hunter2@host/db",
        "postgresql://me:hun/hunter2@host/db",
        "https://proxy/?to=postgresql://me:hunter2@host",
        'password = "hunter2"',
        "args = { api_key = 'hunter2', rows = 3 }",
        "AUTH_TOKEN=hunter2",
        '"secret": "hunter2"',
        '"secret":\n  "hunter2"',
        "https://host/data?token=hunter2&x=1",
        'password = """hun\nhunter2"""',
        "passphrase = '''\nhunter2\n'''",
        'secrets = ["a]", "hunter2"]',
        "auth = { user = 'me', key = [1, 'hunter2'] }",
        "pwd: hunter2",
        "my.api-key = hunter2",
        'password = "a\\"hunter2"',
        "token = [hunter2",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    assert "hunter2" not in mask_secrets(text)
    assert "***" in mask_secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        "author = 'me'",
        "compass = 3",
        "http://host:80/path",
        "see https://host/a:b and mail me@host",
        'name = "a"\nstrength = { low = 1e-4 }',
        "",
    ],
)
def test_the_rest_stays_as_it_is(text: str) -> None:
    assert mask_secrets(text) == text


def test_what_follows_a_secret_stays() -> None:
    text = 'a = 1\npassword = ["x", {y = 1}]  # why\nb = "postgresql://u:p@h/d"\n'
    assert mask_secrets(text) == 'a = 1\npassword = "***"  # why\nb = "postgresql://u:***@h/d"\n'


def calls_for(text: str) -> int:
    """Calls of functions, of which each regular expression's match is one."""
    seen = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        mask_secrets(text)
    finally:
        sys.setprofile(before)
    return seen


@pytest.mark.parametrize(
    "piece", ["a", '"', "'", "[", "secret=", "secret=[", "a://", "a://b:", "a.", "secret='", " = "]
)
def test_work_grows_like_the_length_of_a_hostile_text(piece: str) -> None:
    once, tenfold = calls_for(piece * 100), calls_for(piece * 1000)
    assert tenfold <= 10 * once + 100


def test_no_pattern_tries_a_long_word_again_from_its_middle() -> None:
    word = "a" * 1000
    for pattern in (secrets._KEY, secrets._SCHEME):
        assert pattern.match(word + "=x", 1) is None, "it begins where a word does"

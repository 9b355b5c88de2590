"""What makes a page safe: a policy that lets nothing in, and data that cannot break out.

Data sit in JSON blocks in which no markup can end the block.
"""

from __future__ import annotations

import json
import secrets
from typing import Any


def content_policy(nonce: str) -> str:
    """The page's Content-Security-Policy: nothing from anywhere, scripts by nonce alone.

    Styles may stand inline, since plotly.js sets them; images may be data, for its download button.
    """
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def new_nonce() -> str:
    """What the scripts of one page are known by."""
    return secrets.token_urlsafe(16)


def json_block(value: Any) -> str:
    """JSON that may stand inside ``<script type="application/json">``."""
    return escape_json(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def escape_json(text: str) -> str:
    """Writes the characters that HTML or old scripts could misread as escapes within strings."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text

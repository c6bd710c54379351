"""Guards on URLs built from pieces: does the request decide the host, or only what comes after it?"""

from __future__ import annotations

import re

from reviewer.evidence.guards.built import parts
from reviewer.evidence.guards.taint import expression_tainted
from reviewer.evidence.hit import Hit

_OPEN_HOST = re.compile(r"^(?:https?://[^/]*)?$")


def host_dynamic(hit: Hit, capture: str) -> bool:
    """Nothing but a scheme (or the beginning of a host) stands before the part that comes from the request."""
    node = hit.node.get_match(capture)
    if node is None:
        return False
    before = ""
    for part in parts(hit, node):
        if part.literal:
            before += part.text
        elif expression_tainted(hit, part.text):
            return bool(_OPEN_HOST.match(before))
        else:
            return False
    return False

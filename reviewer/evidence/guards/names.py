"""Guards on what a name says: money, secrets, password, constants."""

from __future__ import annotations

import re

from reviewer.evidence.guards.around import capture_text
from reviewer.evidence.hit import Hit

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_MONEY = frozenset(
    "price amount balance cost fee subtotal tax salary payment refund revenue wage payout deposit discount"
    " credit debit money charge".split()
)
_NOT_MONEY = frozenset(
    "rate ratio pct percent percentage score factor weight multiplier count index probability threshold timeout wait delay ms seconds time"
    " duration latency usage token tokens bytes size memory cpu energy water calories distance quantity qty loss elapsed"
    " progress points point story votes page pages rows records hours minutes days users items estimate estimated llm model ai average avg".split()
)
_PRICED = re.compile(
    r"(?-i:\b(?:Sales)?Orders?\b)|price|currency|invoice|payment|cents|(?:^|_|\b)(?:tax|cart|checkout)", re.IGNORECASE
)
_SECRET = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|passphrase|secret|api_?key|private_?key|access_?token|refresh_?token|auth_?token|^(?:google_|apple_|oidc_|firebase_|raw_|new_)?id_?token"
    r"|session_?token|bearer_?token|client_?secret|credentials?|otp|cvv2?|cvc2?|card_?number|ssn|authorization|jwt|pass_?code|secret_?key"
    r"|(?:card|payment|reset|reset_password|login|verification|magic|invite|oauth|user|api)_?token|(?:signing|encryption)_?key|totp|pin_?code|security_?code)$"
)
_RANDOM_SECRET = re.compile(
    r"(?:^|_)(?:token|secret|otp|password|passwd|salt|nonce|api_?key|session_?id|csrf|verification_?code|reset_?code|auth_?code"
    r"|invite_?code|access_?key|one_?time_?code|activation_?code|recovery_?code|(?:otp|login|sms|mfa|two_?factor|confirmation)_?code|pin_?code|temp_?password)$"
)
_HARMLESS = re.compile(
    r"(?:count|len|length|size|type|name|id|url|uri|path|expir|ttl|exists|present|valid|hash|hashed|masked|redacted|has_|is_|num_"
    r"|max|min|usage|limit|field|prompt|policy|regex|pattern|label|hint|error|strength|reset_at|file|manager|service|provider|repository|enabled"
    r"|endpoint|issuer|header)"
)


def words(name: str) -> tuple[str, ...]:
    """`unitPriceEUR` or `unit_price_eur` as ("unit", "price", "eur")."""
    return tuple(word.lower() for word in _WORDS.findall(name))


def snake(name: str) -> str:
    return "_".join(words(name))


def last_name(expression: str) -> str:
    """The last identifier of `user.profile.accessToken` or `u['password']`."""
    found = re.findall(r"[A-Za-z_]\w*", expression)
    return found[-1] if found else ""


def is_money(name: str, beside: str = "") -> bool:
    """A name of an amount of money. A total can be of anything: it is money among money, in the text `beside` it."""
    parts = set(words(name))
    money = bool(parts & _MONEY) or ("total" in parts and _PRICED.search(beside) is not None)
    return money and not parts & _NOT_MONEY


def is_secret(name: str) -> bool:
    """A name whose value must not be seen: `accessToken`, not `tokenCount` or `passwordHash`."""
    whole = snake(name)
    return bool(_SECRET.search(whole)) and not re.match(
        r"(?:has|is|no|needs|should|must|can|will|did|does|allow|enable|disable|skip|show|require|requires|use|with|without|invalid|missing|forgot|reset|err|error|msg|message|template|tpl|label|title|text|field|column|failed)_",
        whole,
    )


def money(hit: Hit, capture: str) -> bool:
    return is_money(capture_text(hit, capture).strip("'\":"), hit.text.text) and not _METERED.search(_record(hit))


_METERED = re.compile(
    r"(?i)\b(?:(?:input|output|prompt|completion|cached?|total)_?tokens?|tokens_?(?:input|output|in|out|used|total))\b"
)


def _record(hit: Hit) -> str:
    """The class, struct or statement that holds the column: what stands beside tokens is their price, far below a cent."""
    kinds = {"class_definition", "class_declaration", "type_declaration", "class", "object", "call_expression"}
    holder = next((node for node in hit.above if node.kind() in kinds), None)
    return holder.text()[:20_000] if holder is not None else ""


def secret_name(hit: Hit, capture: str) -> bool:
    return is_secret(last_name(capture_text(hit, capture)))


def random_secret_name(hit: Hit, capture: str) -> bool:
    """The capture names something that must not be guessable."""
    whole = snake(last_name(capture_text(hit, capture)))
    whole = re.sub(r"(?:signature|request)_nonce$", "", whole)  # has to differ each time, not to be secret
    return bool(_RANDOM_SECRET.search(whole)) and not _HARMLESS.search(whole.replace("session_id", "session"))


def password_argument(hit: Hit, capture: str) -> bool:
    """The capture holds a plain password (not its hash)."""
    text = capture_text(hit, capture)
    names = [snake(name) for name in re.findall(r"[A-Za-z_]\w*", text)]
    hashed = any(
        re.search(r"hash|digest|salt_?ed|encrypted|crypt", name) for name in names if "pass" in name or "pwd" in name
    )
    return not hashed and any(re.search(r"(?:^|_)(?:password|passwd|passphrase|pwd|pw)$", name) for name in names)

"""Finds in a log or in metrics what must never be there: addresses, host names, descriptions, tokens (threat T19)."""
import ipaddress
import re

# What connect tells the person in front of it, on standard error; it is no log event.
ANNOUNCED = re.compile(r"^footbridge connect: (?:your proxy listens on|for browsers and systems,).*$", re.MULTILINE)
# The hash of the egress's public key, and its first half, its id; the operator hands them out.
PUBLIC_PIN = re.compile(r"\b(?:pin=[0-9a-f]{64}|egress=[0-9a-f]{32})\b")

IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
IPV6 = re.compile(r"(?<![\w:])[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?![\w:])")
HOST = re.compile(r"\b(?:[\w-]+\.)+(?:com|org|net|example|test|internal|invalid|local|localhost|onion)\b", re.IGNORECASE)
LOCALHOST = re.compile(r"\blocalhost\b", re.IGNORECASE)
URL = re.compile(r"\b(?:https?|wss?)://\S+")
SDP = re.compile(r"candidate:|a=(?:ice-|fingerprint|setup|mid|sctp)|m=application|ice-ufrag|o=- \d|v=0\\?[rn]", re.IGNORECASE)
# Base64url of 24 bytes and more, or hex of 16 and more: ids of matches, tokens, keys. A word of letters is no token.
TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{32,}(?![\w-])|\b[0-9a-f]{32,}\b")


def is_address(text):
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def leaks(text):
    """What was found, once each, with its kind."""
    text = PUBLIC_PIN.sub("pin=", ANNOUNCED.sub("", text))
    found = {("IPv4 address", hit) for hit in IPV4.findall(text) if is_address(hit)}
    found |= {("IPv6 address", hit) for hit in IPV6.findall(text) if is_address(hit)}
    for kind, pattern in (("host name", HOST), ("host name", LOCALHOST), ("URL", URL), ("SDP", SDP), ("token", TOKEN)):
        found |= {(kind, hit) for hit in pattern.findall(text)}
    return sorted(f"{kind} {hit!r}" for kind, hit in found)

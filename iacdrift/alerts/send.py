"""Sends one alert: through apprise, or as a signed webhook. Nothing of an address or a key is in any error."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from iacdrift import __version__
from iacdrift.alerts.channel import Channel
from iacdrift.alerts.template import FIELDS, filled, shown
from iacdrift.errors import AlertError

_PATIENCE = 10.0
_REFUSALS = (400, 413, 415, 422)
"""What is about this alert, and not about the address, the key or the moment: those are mended, and then it arrives."""
_MOST_LINES = 20


class RefusedError(AlertError):
    """The receiver understood and won't have it: trying again changes nothing."""


def send(channel: Channel, alert: Mapping[str, Any], when: datetime) -> None:
    """Delivers it, or raises AlertError (RefusedError where there is no use in trying again) in words that hold no secret."""
    if channel.webhook is not None:
        _post(channel, alert, when)
    else:
        _notify(channel, alert)


def worded(channel: Channel, alert: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body, by the channel's templates; the body lists the findings where there are several."""
    values = {name: alert.get(name, "") for name in FIELDS}
    lines = [f"  {shown(' '.join(str(item[key]) for key in ('id', 'owner', 'address') if item.get(key)))}" for item in alert["findings"]]
    listed = lines[:_MOST_LINES] + ([f"  … {alert['count'] - _MOST_LINES:,} more"] if len(lines) > _MOST_LINES else [])
    body = filled(channel.body, values)
    return filled(channel.subject, values), body + ("\n" + "\n".join(listed) + "\n" if len(lines) > 1 else "")


def _notify(channel: Channel, alert: Mapping[str, Any]) -> None:
    try:
        import apprise
    except ImportError:
        raise AlertError("url needs apprise: pip install 'iacdrift[alerts]'") from None
    # It logs addresses with what it can't reach.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    address = channel.url.read() if channel.url else ""
    receiver = apprise.Apprise()
    if not receiver.add(address):
        raise AlertError(f"{channel.url.shown if channel.url else 'url'} holds no URL that apprise understands")
    kinds = {"resolved": "success", "complete": "success", "test": "info", "worse": "failure", "incomplete": "warning"}
    kind = kinds.get(alert["event"], "failure" if alert["severity"] in ("critical", "high") else "warning")
    subject, body = worded(channel, alert)
    try:
        arrived = receiver.notify(body=body, title=subject, notify_type=apprise.NotifyType(kind), body_format="text")
    except Exception as error:
        # Whatever a plugin raises may quote its address.
        raise AlertError(f"apprise failed with {type(error).__name__}") from None
    if not arrived:
        raise AlertError("its receiver couldn't be reached, or refused it")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256, in hexadecimal, of the timestamp, a dot and the body as sent."""
    return "v1=" + hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


def _post(channel: Channel, alert: Mapping[str, Any], when: datetime) -> None:
    subject, text = worded(channel, alert)
    body = json.dumps({**alert, "subject": subject, "text": text}).encode("ascii")
    address = channel.webhook.read() if channel.webhook else ""
    if not address.startswith(("http://", "https://")):
        raise AlertError(f"{channel.webhook.shown if channel.webhook else 'webhook'} holds no http or https address")
    stamp = str(int(when.timestamp()))
    headers = {"Content-Type": "application/json", "User-Agent": f"iacdrift/{__version__}"}
    headers |= {"Iacdrift-Alert": str(alert["id"]), "Iacdrift-Timestamp": stamp}
    if channel.secret is not None:
        headers["Iacdrift-Signature"] = signature(channel.secret.read(), stamp, body)
    try:
        request = Request(address, data=body, headers=headers, method="POST")  # noqa: S310 - the scheme is checked above
        with build_opener(_NoRedirect).open(request, timeout=_PATIENCE) as answer:
            answer.read(1024)
    except HTTPError as error:
        error.close()
        raise _answered(error.code) from None
    except URLError as error:
        why = error.reason if isinstance(error.reason, OSError) else None
        raise AlertError(f"its receiver can't be reached: {(why and why.strerror) or 'no connection'}") from None
    except (OSError, ValueError, HTTPException) as error:
        raise AlertError(f"its receiver can't be reached: {getattr(error, 'strerror', None) or type(error).__name__}") from None


def _answered(code: int) -> AlertError:
    if code in _REFUSALS:
        return RefusedError(f"its receiver refuses it with {code}")
    return AlertError(f"its receiver answered with {code}")


class _NoRedirect(HTTPRedirectHandler):
    """What was signed for one place isn't carried to another."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: the redirect is an answer like any other that isn't 2xx."""
        return

"""An account of AWS as boto3 asks it: every call of this room is made here, and every refusal becomes one sentence.

Credentials, profile, region and `AWS_ENDPOINT_URL` are boto3's own settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from iacdrift.errors import SourceError, UsageError

Item = dict[str, Any]

_NO_RIGHT = frozenset({"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_SLOWER = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown"})
_STRANGER = frozenset({"AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "OptInRequired"})


@frozen(slots=True)
class Account:
    """Who is asked: a session of boto3's, and the regions."""

    session: Any
    regions: tuple[str, ...]
    _clients: dict[tuple[str, str], Any] = field(factory=dict, eq=False, repr=False)

    @classmethod
    def of(cls, regions: Iterable[str], what: str) -> Account:
        """The account of boto3's credentials; without regions, in boto3's own one.

        `what` is the option that needs it. UsageError where boto3 is missing, SourceError where it knows no region or profile.
        """
        try:
            import boto3
            from botocore.exceptions import BotoCoreError
        except ImportError:
            raise UsageError(f"{what} asks AWS through boto3, which isn't installed: pip install 'iacdrift[aws]'") from None
        try:
            session = boto3.session.Session()
            found = tuple(dict.fromkeys(regions)) or ((session.region_name,) if session.region_name else ())
        except BotoCoreError as error:
            raise SourceError(f"AWS can't be asked: {_plain(error)}") from None
        if not found:
            raise SourceError("AWS can't be asked: no region is set; give --region, or set AWS_REGION")
        return cls(session, found)

    def items(self, region: str, call: str, key: str, **parameters: Any) -> list[Item]:
        """What a call such as `ec2.describe_addresses` lists below `key`, of all its pages. SourceError where it is refused."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        service, _, operation = call.partition(".")
        try:
            client = self._client(region, service)
            if not client.can_paginate(operation):
                return list(getattr(client, operation)(**parameters)[key])
            return [item for page in client.get_paginator(operation).paginate(**parameters) for item in page[key]]
        except ClientError as error:
            raise SourceError(f"AWS can't be asked: {_refusal(error.response, service, operation)}") from None
        except (BotoCoreError, ResponseParserError, ValueError) as error:
            raise SourceError(f"AWS can't be asked: {_plain(error)}") from None

    def _client(self, region: str, service: str) -> Any:
        from botocore.config import Config

        if (region, service) not in self._clients:
            config = Config(connect_timeout=10, read_timeout=30)
            self._clients[region, service] = self.session.client(service, region_name=region, config=config)
        return self._clients[region, service]


def _refusal(response: Mapping[str, Any], service: str, operation: str) -> str:
    """Why AWS says no, and what to do. Its own text is left out where it may hold an encoded message of a page's length."""
    code = str(response.get("Error", {}).get("Code"))
    right = f"{service}:{operation.title().replace('_', '')}"
    if code in _NO_RIGHT:
        return f"these credentials have no right to {right}; docs/aws-api.md has the policy"
    if code in _EXPIRED:
        return "the credentials have expired: log in again"
    if code in _SLOWER:
        return f"it throttles {right}: ask again later, or set AWS_MAX_ATTEMPTS"
    if code in _STRANGER:
        return f"it doesn't accept these credentials ({code})"
    said = " ".join(str(response.get("Error", {}).get("Message") or "").split())
    return f"{right} failed with {code}{f': {said[:200]}' if said else ''}"


def _plain(error: Exception) -> str:
    names = {kind.__name__ for kind in type(error).__mro__}
    if "NoCredentialsError" in names:
        return "there are no credentials: set AWS_PROFILE, or log in"
    if {"TokenRetrievalError", "SSOError", "SSOTokenLoadError"} & names:
        return "the login has expired: aws sso login"
    if "ResponseParserError" in names:
        return "its answer can't be read: is AWS_ENDPOINT_URL right?"
    return " ".join(str(error).split())[:300]

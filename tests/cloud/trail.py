"""CloudTrail's LookupEvents on loopback, in the documented shape: moto's server has none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import define, field

ARN = "arn:aws:iam::123456789012:"


@define
class Trail:
    """What it answers by resource, and what it was asked. `refuse`: an error's code instead."""

    url: str = ""
    events: dict[str, list[dict[str, Any]]] = field(factory=dict)
    asked: list[str] = field(factory=list)
    refuse: str | None = None

    def happened(self, resource: str, name: str, at: str, request: dict[str, Any], **record: Any) -> None:
        """One call, as CloudTrail keeps it."""
        kept = {
            "eventVersion": "1.10",
            "userIdentity": {"type": "IAMUser", "arn": f"{ARN}user/ci-hotfix", "userName": "ci-hotfix", "accountId": "123456789012"},
            "eventTime": at,
            "eventSource": "ec2.amazonaws.com",
            "eventName": name,
            "awsRegion": "us-east-1",
            "sourceIPAddress": "203.0.113.50",
            "requestParameters": request,
            "responseElements": {"_return": True},
            "eventID": f"{name}-{at}",
            **record,
        }
        entry = {
            "EventId": kept["eventID"],
            "EventName": name,
            "ReadOnly": "false",
            "EventTime": 1795183320,
            "EventSource": "ec2.amazonaws.com",
            "Username": "ci-hotfix",
            "Resources": [{"ResourceType": "AWS::EC2::SecurityGroup", "ResourceName": resource}],
            "CloudTrailEvent": json.dumps(kept),
        }
        self.events.setdefault(resource, []).insert(0, entry)  # the latest comes first


@contextmanager
def trail() -> Iterator[Trail]:
    found = Trail()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["X-Amz-Target"].endswith(".LookupEvents")
            wanted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            [attribute] = wanted["LookupAttributes"]
            found.asked.append(attribute["AttributeValue"])
            page, size = int(wanted.get("NextToken", "0")), 2
            every = found.events.get(attribute["AttributeValue"], [])
            answer: dict[str, Any] = {"Events": every[page : page + size]}
            if page + size < len(every):
                answer["NextToken"] = str(page + size)
            if found.refuse:
                answer = {"__type": found.refuse, "Message": "User is not authorized to perform: cloudtrail:LookupEvents"}
            body = json.dumps(answer).encode()
            self.send_response(400 if found.refuse else 200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def permissions(port: int, cidr: str = "0.0.0.0/0") -> dict[str, Any]:
    """`ipPermissions` as a request carries them."""
    row = {"ipProtocol": "tcp", "fromPort": port, "toPort": port, "groups": {}, "ipRanges": {"items": [{"cidrIp": cidr}]}}
    return {"items": [row | {"ipv6Ranges": {}, "prefixListIds": {}}]}

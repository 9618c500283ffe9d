"""A policy pack for every stack of a company: what is open is declared, and what is declared is what answers."""

from iacdrift.policy import pack

pack(
    "network",
    config={
        "network-matches-code": {"vantage": "internet", "settle": 120},
        "no-undeclared-exposure": {
            "justified": [{"resource": "*::bastion", "ports": "22", "why": "the bastion is how people get in; keys only"}],
        },
    },
)

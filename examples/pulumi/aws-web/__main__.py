"""Two web servers behind a load balancer; every update ends with a scan from the internet."""

import iacdrift.pulumi as network

watch = network.observe()

import infrastructure  # noqa: E402 - observe() comes first
import pulumi  # noqa: E402

made = infrastructure.create()
pulumi.export("address", made["balancer"].dns_name)
network.assert_no_network_drift(watch, vantage="internet", depends_on=[made["listener"]])

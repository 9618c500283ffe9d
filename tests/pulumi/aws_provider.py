"""A provider in the place of Pulumi's for AWS: it takes every resource as given and answers with what AWS would add.

A real engine starts it as `pulumi-resource-aws`. Addresses come from AWS_ADDRESSES, JSON of resource name -> address: hosts of the
tests' own, on loopback. It keeps nothing and reaches nothing. Outputs have the names and shapes that the documentation gives.

It also serves one remote component, `aws:tests:Office`, whose children the program never sees.
"""

from __future__ import annotations

import hashlib
import json
import os
from concurrent import futures
from importlib.metadata import version
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, resource_pb2, resource_pb2_grpc

VERSION = version("pulumi_aws")
ADDRESSES = json.loads(os.environ.get("AWS_ADDRESSES", "{}"))
PREFIXES = {"instance": "i", "securityGroup": "sg", "subnet": "subnet", "vpc": "vpc", "internetGateway": "igw", "routeTable": "rtb"}


def made(urn: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The id and the outputs of a new resource: its inputs, and what only AWS knows."""
    kind, name = urn.split("::")[2].split("/")[-1].split(":")[0], urn.rpartition("::")[2]
    digest = hashlib.sha256(urn.encode()).hexdigest()[:17]
    physical = f"{PREFIXES.get(kind, kind.lower())}-{digest}"
    outputs = {**given, "id": physical, "arn": f"arn:aws:ec2:eu-central-1:123456789012:{kind}/{physical}", **known(kind, name, digest)}
    if kind == "securityGroup":
        outputs = {"ingress": [], "egress": [], **outputs}
    return physical, outputs


def known(kind: str, name: str, digest: str) -> dict[str, Any]:
    if kind == "instance":
        address = ADDRESSES.get(name)
        state = {"instanceState": "running", "primaryNetworkInterfaceId": f"eni-{digest}", "privateIp": "10.0.1.10"}
        return state | ({"publicIp": address} if address else {"publicIp": ""})
    if kind == "vpc":
        return {name: f"{prefix}-{digest}" for name, prefix in OF_A_VPC.items()}
    return {"ownerId": "123456789012"}


OF_A_VPC = {"mainRouteTableId": "rtb", "defaultRouteTableId": "rtb", "defaultNetworkAclId": "acl", "defaultSecurityGroupId": "sg"}


def struct(values: dict[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(values, struct_pb2.Struct())


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema=json.dumps({"name": "aws", "version": VERSION}))

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True, acceptResources=False)

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, context: Any) -> Any:
        olds, news = json_format.MessageToDict(request.old_inputs), json_format.MessageToDict(request.news)
        same = olds == news
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE if same else provider_pb2.DiffResponse.DIFF_SOME)

    def Create(self, request: Any, context: Any) -> Any:
        physical, outputs = made(request.urn, json_format.MessageToDict(request.properties))
        return provider_pb2.CreateResponse(id=physical, properties=struct(outputs))

    def Update(self, request: Any, context: Any) -> Any:
        return provider_pb2.UpdateResponse(properties=struct(made(request.urn, json_format.MessageToDict(request.news))[1]))

    def Read(self, request: Any, context: Any) -> Any:
        if not request.inputs.fields:  # a program that reads what it doesn't own
            outputs = {"id": request.id, **known("instance", request.id, "0")}
            return provider_pb2.ReadResponse(id=request.id, properties=struct(outputs), inputs=struct({}))
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Delete(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()

    def Construct(self, request: Any, context: Any) -> Any:
        """The remote component: one instance behind a group of its own."""
        monitor = resource_pb2_grpc.ResourceMonitorStub(grpc.insecure_channel(request.monitorEndpoint))
        component = self._register(monitor, request.type, request.name, request.parent, {}, custom=False).urn
        group = self._register(monitor, "aws:ec2/securityGroup:SecurityGroup", f"{request.name}-desk", component, {"ingress": []})
        host = {"ami": "ami-1", "vpcSecurityGroupIds": [group.id]}
        self._register(monitor, "aws:ec2/instance:Instance", f"{request.name}-desk", component, host)
        monitor.RegisterResourceOutputs(resource_pb2.RegisterResourceOutputsRequest(urn=component, outputs=struct({})))
        return provider_pb2.ConstructResponse(urn=component, state=struct({}))

    def _register(self, monitor: Any, kind: str, name: str, parent: str, given: dict[str, Any], *, custom: bool = True) -> Any:
        request = resource_pb2.RegisterResourceRequest(
            type=kind, name=name, parent=parent, custom=custom, object=struct(given), version=VERSION if custom else ""
        )
        return monitor.RegisterResource(request)


if __name__ == "__main__":
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)  # the engine reads the port
    server.start()
    server.wait_for_termination()

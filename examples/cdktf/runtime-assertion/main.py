"""A stack whose deployment ends with a scan of loopback: one port must answer, the one beside it must not."""

import os

try:
    from cdktn import App, TerraformResource, TerraformStack
except ImportError:  # the archived library, with the same classes
    from cdktf import App, TerraformResource, TerraformStack

from iacdrift.cdktf import add_runtime_assertion

HOST = os.environ.get("HOST", "127.44.9.1")
PORT = int(os.environ.get("PORT", "8490"))


class Service(TerraformStack):
    """Stands for a stack with servers: `terraform_data` needs no cloud, and raw resources no bindings."""

    def __init__(self, scope, name):
        super().__init__(scope, name)
        service = TerraformResource(self, "service", terraform_resource_type="terraform_data")
        service.add_override("input", {"host": HOST, "port": PORT})
        add_runtime_assertion(
            self,
            vantage="auto",
            expect=[{"name": "service", "host": HOST, "open": [f"{PORT}/tcp"]}],
            ports=f"{PORT}-{PORT + 1}",
            scope=[f"{HOST}/32"],
            settle=2,
        )


app = App()
Service(app, "service")
app.synth()

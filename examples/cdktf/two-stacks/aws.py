"""AWS resources without AWS's bindings: those are a wheel of some 500 MB, and a resource is a type and its arguments."""

try:
    from cdktn import TerraformResource, TerraformStack
except ImportError:  # the archived library, with the same classes
    from cdktf import TerraformResource, TerraformStack


class Aws(TerraformResource):
    """One resource; arguments as Terraform names them, references and tokens included."""

    def __init__(self, scope, name, kind, /, **arguments):
        super().__init__(scope, name, terraform_resource_type=f"aws_{kind}")
        for argument, value in arguments.items():
            self.add_override(argument, value)

    @property
    def id(self):
        return self.get_string_attribute("id")


class AwsStack(TerraformStack):
    """A stack whose provider is AWS in one region."""

    def __init__(self, scope, name, region="eu-central-1"):
        super().__init__(scope, name)
        self.add_override("terraform.required_providers.aws", {"source": "hashicorp/aws", "version": "~> 5.0"})
        self.add_override("provider.aws", [{"region": region}])

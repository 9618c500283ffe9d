"""A repository with one of everything, as people lay them out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FILES: Mapping[str, str] = {
    ".gitignore": "ignored/\n*.tfstate\nterraform.tfstate.d/\n!kept/\n",
    ".git/config": '[core]\n[remote "origin"]\n\turl = git@gitlab.example.com:shop/network.git\n',
    ".git/HEAD": "ref: refs/heads/trunk\n",
    # a root with a backend, which calls a module; the commented backend is none
    "live/prod/main.tf": 'terraform {\n  # backend "gcs" {}\n  backend "s3" {\n    bucket = "states"\n    key    = "prod"\n  }\n}\n'
    'module "vpc" {\n  source = "../../parts/vpc"\n}\n',
    "live/prod/prod.tfvars": 'region = "eu-central-1"\n',
    # the module: a lock file that somebody committed by mistake, and a provider of its own, make no root of it
    "parts/vpc/main.tf": 'provider "aws" {}\nresource "aws_vpc" "this" {}\n',
    "parts/vpc/.terraform.lock.hcl": 'provider "registry.terraform.io/hashicorp/aws" {}\n',
    # a module that nobody calls from here
    "modules/unused/main.tf": 'resource "aws_vpc" "this" {}\n',
    # workspaces on this disk, ignored by Git
    "live/many/main.tf": 'resource "terraform_data" "x" {}\n',
    "live/many/terraform.tfstate.d/blue/terraform.tfstate": "{}",
    "live/many/terraform.tfstate.d/green/terraform.tfstate": "{}",
    "live/tofu/main.tofu": 'terraform {\n  cloud {\n    organization = "shop"\n    workspaces {\n      name = "edge"\n    }\n  }\n}\n',
    "live/json/main.tf.json": '{"terraform": {"backend": {"azurerm": {}}}, "module": {"m": {"source": "./inner"}}}',
    "live/json/inner/main.tf": 'resource "aws_vpc" "this" {}\n',
    "live/text/main.tf": 'locals {\n  note = <<-EOT\n    backend "s3" {\n  EOT\n}\n',
    "ignored/main.tf": 'terraform {\n  backend "s3" {}\n}\n',
    "app/Pulumi.yaml": "name: shop\nruntime:\n  name: python\nbackend:\n  url: s3://states\n",
    "app/Pulumi.dev.yaml": "config: {}\n",
    "app/Pulumi.prod.yaml": "config: {}\n",
    "app2/Pulumi.yaml": "name: shop\nruntime: go\n",
    "synth/cdktf.json": '{"language": "python", "app": "python main.py"}',
    "synth/cdktf.out/manifest.json": '{"version": "0.21.0", "stacks": {"net": {}, "web": {}}}',
    "synth/cdktf.out/stacks/net/cdk.tf.json": '{"terraform": {"backend": {"local": {}}}}',
    "assembly/cdk.json": '{"app": "python app.py"}',
    "cfn/template.yaml": 'AWSTemplateFormatVersion: "2010-09-09"\nParameters:\n  A: {Type: String}\nResources:\n'
    "  Inner:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ./inner.yaml\n",
    "cfn/inner.yaml": 'AWSTemplateFormatVersion: "2010-09-09"\nResources: {}\n',
    "cfn/values.yaml": "just: a file\nabout: AWS::Nothing\n",
    "sam/template.yaml": "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n",
    "sam/samconfig.toml": '[default.deploy.parameters]\nstack_name = "hello"\n',
    "node_modules/x/main.tf": 'terraform {\n  backend "s3" {}\n}\n',
}


def lay_out(folder: Path, files: Mapping[str, str] = FILES) -> Path:
    """The files written down."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    iacdrift = {
      source = "registry.terraform.io/iacdrift/iacdrift"
    }
  }
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "x"
  secret_key                  = "x"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {
    ec2 = "http://127.0.0.1:5000"
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id
}

resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.main.id
  }
}

resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group" "web" {
  name   = "web"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "web" {
  for_each          = { http = 80, https = 443 }
  security_group_id = aws_security_group.web.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "web" {
  security_group_id = aws_security_group.web.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_instance" "web" {
  ami                    = "ami-12c6146b"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.public.id
  vpc_security_group_ids = [aws_security_group.web.id]
}

resource "aws_eip" "web" {
  domain   = "vpc"
  instance = aws_instance.web.id
}

data "iacdrift_network" "main" {
  after = timestamp()

  resources = jsonencode({
    "aws_vpc.main"                            = aws_vpc.main
    "aws_internet_gateway.main"               = aws_internet_gateway.main
    "aws_subnet.public"                       = aws_subnet.public
    "aws_route_table.public"                  = aws_route_table.public
    "aws_route_table_association.public"      = aws_route_table_association.public
    "aws_security_group.web"                  = aws_security_group.web
    "aws_vpc_security_group_ingress_rule.web" = aws_vpc_security_group_ingress_rule.web
    "aws_vpc_security_group_egress_rule.web"  = aws_vpc_security_group_egress_rule.web
    "aws_instance.web"                        = aws_instance.web
    "aws_eip.web"                             = aws_eip.web
  })

  vantage   = "internet"
  ports     = "80,8080"
  scan_type = "connect"

  lifecycle {
    postcondition {
      condition     = self.passed
      error_message = self.report
    }
  }
}

output "verdict" {
  value = data.iacdrift_network.main.verdict
}

output "address" {
  value = aws_eip.web.public_ip
}

output "group" {
  value = aws_security_group.web.id
}

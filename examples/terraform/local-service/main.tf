# A service on this machine's loopback, and the network asked about it at the end of every `terraform apply`. Needs no cloud.

terraform {
  required_version = ">= 1.4"
  required_providers {
    iacdrift = {
      source = "registry.terraform.io/iacdrift/iacdrift"
    }
  }
}

variable "host" {
  type    = string
  default = "127.77.0.1"
}

variable "port" {
  type    = number
  default = 18080
}

variable "settle" {
  type        = number
  default     = 10
  description = "Seconds that the service may take until it answers."
}

# Stands for whatever runs the service: a container, an instance.
resource "terraform_data" "service" {
  input = { host = var.host, port = var.port, pid = "${path.root}/service.pid" }

  triggers_replace = [var.host, var.port]

  provisioner "local-exec" {
    command = "nohup python3 -m http.server ${self.input.port} --bind ${self.input.host} >/dev/null 2>&1 & echo $! > ${self.input.pid}"
  }

  provisioner "local-exec" {
    when       = destroy
    command    = "kill $(cat ${self.input.pid})"
    on_failure = continue
  }
}

data "iacdrift_network" "service" {
  after = timestamp() # read while Terraform applies, never in a plan

  expect {
    name = "service"
    host = var.host
    open = ["${var.port}/tcp"]
  }

  vantage = "internet"
  ports   = "${var.port}-${var.port + 1}"
  settle  = var.settle

  depends_on = [terraform_data.service]

  lifecycle {
    postcondition {
      condition     = self.passed
      error_message = self.report
    }
  }
}

output "verdict" {
  value = data.iacdrift_network.service.verdict
}

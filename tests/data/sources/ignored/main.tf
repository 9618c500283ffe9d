resource "aws_security_group" "web" {
  name        = "web"
  description = "code's"
  ingress     = var.rules
  lifecycle {
    ignore_changes = [ingress, description]
  }
}

"""What AWS itself says, asked through boto3: whose addresses are, what filters stand in front of findings, and who changed them."""

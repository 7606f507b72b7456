"""What a stack file may say, one subject a file: frozen values with their own checks, free of Pulumi."""

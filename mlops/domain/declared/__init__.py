"""What a project declares, by subject, as frozen values."""

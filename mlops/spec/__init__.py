"""The project file: YAML in, domain values out, one clear error for what is wrong."""

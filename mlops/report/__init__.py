"""A project's history as one HTML file that needs nothing else."""

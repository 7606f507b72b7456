"""What really runs: jobs, pipelines, endpoints and schedules, as processes of this machine."""

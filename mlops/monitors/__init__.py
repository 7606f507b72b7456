"""Numbers to measurements; no thresholds and no opinions."""

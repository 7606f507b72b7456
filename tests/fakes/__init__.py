"""One small hand-written fake a port; each keeps the same contract suite as the real thing."""

"""The pure parts of the benchmarks: descriptions, ratios and judgements."""

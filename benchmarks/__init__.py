"""What it costs: `python -m benchmarks.extraction`, `python -m benchmarks.crawl`."""

"""Shows that two versions of the code give equal results, see ``python -m benchmarks.equal_results --help``."""

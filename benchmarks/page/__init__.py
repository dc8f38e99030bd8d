"""`make page`: docs/benchmarks.md, in the form of the published page, from the results of `make compare`."""

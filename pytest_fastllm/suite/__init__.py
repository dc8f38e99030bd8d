"""The bundled workloads: run them with `pytest-fastllm compare`, or `pytest --pyargs pytest_fastllm.suite`."""

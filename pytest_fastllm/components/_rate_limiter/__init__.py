"""Parts of the component `rate_limiter`."""

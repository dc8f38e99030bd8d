"""Parts of the component `connection_pool`."""

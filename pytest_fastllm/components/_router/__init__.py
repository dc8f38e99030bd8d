"""Parts of the component `router`."""

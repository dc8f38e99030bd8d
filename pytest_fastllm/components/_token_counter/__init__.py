"""Parts of the component `token_counter`."""

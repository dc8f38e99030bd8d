"""Fresh interpreters: what one of them shows may be an accident of its heap, hash seed or code layout."""

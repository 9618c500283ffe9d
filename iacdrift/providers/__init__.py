"""Resource -> parts of the model; a room a cloud, a file a kind."""

"""Finding -> text of the two ways back; applies nothing."""

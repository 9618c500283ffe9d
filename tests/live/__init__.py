"""Real packets against real filters and real listeners, in network namespaces of their own."""

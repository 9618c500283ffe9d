"""The network as the code means it: addresses, ports, filters. Frozen values, no I/O, no cloud's name."""

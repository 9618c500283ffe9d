"""iacdrift asks the network itself whether it is what the code says."""

__version__ = "0.1.0"

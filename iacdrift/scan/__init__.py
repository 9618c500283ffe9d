"""Expected surface -> scan jobs -> Nmap -> observed surface."""

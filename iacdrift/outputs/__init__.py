"""Reports as text and data; everything hostile is made safe at one door."""

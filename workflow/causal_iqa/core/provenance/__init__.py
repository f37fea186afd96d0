"""What a file was computed from, and whether it is still what it says."""

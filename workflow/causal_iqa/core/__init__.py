"""What every stage shares: the contract of the files, the configuration, conditions, errors."""

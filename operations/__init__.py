"""What an operator runs: doctor, backup, export."""

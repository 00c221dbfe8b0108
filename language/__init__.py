"""What a text says: pure, stateless, no model in the path that changes state (design D8)."""

"""The platforms: bytes in, bytes out, and their APIs."""

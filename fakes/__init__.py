"""The fake platforms and the simulator, for demo and the tests."""

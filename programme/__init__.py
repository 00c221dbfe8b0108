"""The rules of a study programme, pure: no I/O, no clock, no environment."""

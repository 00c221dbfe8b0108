"""What is said: the messages that come in and go out, and all wording."""

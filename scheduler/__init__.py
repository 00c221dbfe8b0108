"""What is due, sent; APScheduler only wakes it."""

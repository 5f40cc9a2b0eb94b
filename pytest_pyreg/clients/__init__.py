"""Running the real clients: an environment that nothing leaks into, and what each client needs to find the registry."""

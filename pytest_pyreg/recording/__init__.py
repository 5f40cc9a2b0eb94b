"""Recording what a real index has, and serving it again without one: the only room that goes beyond this machine."""

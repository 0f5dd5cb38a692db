"""Where student code runs: walls, limits, and the supervisor that watches over them."""

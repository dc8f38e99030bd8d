"""How often this machine cries wolf, and the smallest change that it can see."""

"""Work that no look decides about: one side differs from call to call far more than the two sides do."""

RESTLESS = """
turn = [0]

def restless():
    turn[0] += 1
    for _ in range(100 + 5_000 * (turn[0] * 7919 % 13)):
        pass
"""

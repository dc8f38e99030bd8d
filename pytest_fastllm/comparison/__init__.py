"""A comparison from the check of equality to the last pair, as steps that an executor carries out."""

"""The words of the house as frozen values. Nouns import nothing of ours but other nouns."""

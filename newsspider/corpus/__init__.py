"""The corpus, as it is handed to others: written whole, with what they have to know about it."""

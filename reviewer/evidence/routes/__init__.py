"""Routes, request types and outgoing calls as the code of each framework states them."""

"""The board, told in scenarios."""

"""How things look and read: themes, words and signs, text in cells, found parts inside a text."""

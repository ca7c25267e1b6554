"""Small parts that any screen may use: bars, lines, fields, questions and choices."""

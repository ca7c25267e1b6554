"""Lists over any number of rows: a window in memory, rows as cells, marks, columns, what a command hits."""

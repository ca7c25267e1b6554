"""One text to many: from a table to a batch, what is wrong with its rows, who must not be written to, how it goes."""

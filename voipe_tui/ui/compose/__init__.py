"""Writing a message: the form, what a text costs, who is meant, the last look before it is sent."""

"""What lies between the screens and the terminal: bytes out, keys and pastes in, the clipboard."""

"""Pure rules about texts, numbers and times: no input, no output, nothing heavy at import."""

"""One message or many, from whichever list: read whole, triaged, sent again, exported."""

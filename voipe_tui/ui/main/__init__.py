"""The one screen that holds the views, its bars, help and palette."""

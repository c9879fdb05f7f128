"""Outside formats, read into tables."""

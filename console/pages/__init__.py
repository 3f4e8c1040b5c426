"""The console's pages, one family a file."""

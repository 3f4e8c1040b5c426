"""Breaks everything around a running Hearback, one thing after another, while citizens write; then counts whether all adds up."""

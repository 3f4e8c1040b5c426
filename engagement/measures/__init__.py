"""What is measured, each with its definition in docs/measures.md. `engagement/measures/book.py` has the verbs."""

"""Teaching: approved examples become training data, a candidate is measured, and takes over only if nothing gets worse."""

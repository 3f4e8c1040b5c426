"""`hearback doctor`: looks at everything Hearback needs and says what to do where something is missing."""

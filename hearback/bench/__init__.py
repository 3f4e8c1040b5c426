"""`make bench`: Hearback beside stock Rasa 3.6, in one run on one machine.

Each measurement is a file of its own with an async `measure(stands, size)`; `__main__` runs them in order and `report` writes what
they found. Stock Rasa has the environment, the configuration and the stores that `rasa init` and its documentation give it.
"""

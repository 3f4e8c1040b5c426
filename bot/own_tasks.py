"""Services of the back office that citizens ask for by a task of its own; every other one is a report of a problem."""

OWN_TASK = {"MISSEDBIN": "report_missed_bin", "NEWBIN": "order_bin", "BULKY": "book_bulky_waste", "REPAIR": "report_repair"}

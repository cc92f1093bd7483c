"""Everything the product needs to run on one bare machine: servers, roles, builders, and the commands that use them.

Plain Python on purpose: nothing here imports Django, so a command can say what is wrong before Django can start.
"""

"""The same purchase in a plain Django app: no schools, no fences, no rules; as many statements as the store makes.

What the store costs beside it is the price of everything else. Run by `benchmarks.purchase`.
"""

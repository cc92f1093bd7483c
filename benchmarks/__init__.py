"""Speed and memory, measured. Each module is one command that starts what it needs: `python -m benchmarks.pages`.

Every figure stands beside a baseline of the same run; read the ratios, because machines differ.
"""

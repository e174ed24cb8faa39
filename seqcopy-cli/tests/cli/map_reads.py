"""Looks at a map while another process commits: `map_reads.py PATH N` goes on until N looks at whole generations.

In each generation the 64 values have the sum 64000, and value 5 is what a look-up in the same view finds. Prints how many were whole, how
many were torn, and how many look-ups by `get` found their key.
"""

import sys

import accounts


def main():
    wanted, newest, whole, torn, gets = int(sys.argv[2]), 0, 0, 0, 0
    with accounts.Map(sys.argv[1]) as map:
        while whole < wanted:
            view = map.view()
            try:
                values = dict(view.items())
                fifth = view.get(5)
            except accounts.Torn:
                torn += 1
                continue
            if len(values) != 64 or sum(values.values()) != 64000 or values[5] != fifth or view.generation < newest:
                sys.exit(f"generation {view.generation}: {values}, and {fifth} of 5")
            whole += 1
            newest = view.generation
            for key in range(20):
                if not 0 <= map.get(key) <= 64000 or map.get(key + 64) is not None:
                    sys.exit(f"key {key} not found, or key {key + 64}")
                gets += 1
        if len(map.items()) != 64 or map.generation() < newest:
            sys.exit("not the newest")
    print(whole, torn, gets)


main()

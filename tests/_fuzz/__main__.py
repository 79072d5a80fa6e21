"""Run many cases: ``python -m _fuzz --cases 4000 --seed 0``."""

import argparse
import time

from .cases import run_case


def main():
    """Run the cases that the command line asks for; print findings and their number."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="run this case alone")
    options = parser.parse_args()
    numbers = range(options.cases) if options.only is None else [options.only]
    began, n_findings = time.monotonic(), 0
    for number in numbers:
        name, findings = run_case(options.seed, number)
        for finding in findings:
            print(f"case {number}, {name}\n    {finding}", flush=True)
        n_findings += len(findings)
    took = time.monotonic() - began
    print(f"{n_findings} findings in {len(numbers)} cases, {took:.0f} s")


if __name__ == "__main__":
    main()

"""The process that compiles kernels for another: `python -m physics.compile_helper`.

Reads kernels as `first_kernels.txt` lists them, and answers each with one line, whether or not it
could be compiled. Ends when its input does, and so with the program that started it.
"""

import os
import sys

from physics.compiling import COMPILED, compile_kernel, failure


def main() -> None:
    """Serve until there is no more to do."""
    for line in sys.stdin:
        job = line.strip()
        try:
            compile_kernel(job)
        except Exception as error:
            answer = failure(job, error)
        else:
            answer = COMPILED
        print(answer, flush=True)


if __name__ == "__main__":
    try:
        main()
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(1)

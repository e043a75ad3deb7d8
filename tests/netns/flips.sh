#!/bin/bash
# An expectation of each scenario is seen false when what it rests on is broken: the first row of
# each in tests/cases/flips.txt.  `make cases` runs them all.
# limit: 120
# waits
FIRST_FLIP=1 exec bash "$(dirname "$0")/../cases/flips.sh"

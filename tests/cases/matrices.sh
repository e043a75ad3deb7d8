#!/bin/bash
# What `make test` has one example of, in every combination: the tests that know
# ALL_CASES=1.
# limit: 900
# alone
. "$(dirname "$0")/../lib.sh"
. tests/cases/marked.bash

run_marked ALL_CASES=1 ALL_CASES=1

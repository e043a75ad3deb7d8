#!/bin/bash
# What must be so each time is so twenty times: the tests whose head says TWSTORM_ROUNDS=N.
# limit: 1200
# quiet
. "$(dirname "$0")/../lib.sh"
. tests/cases/marked.bash

run_marked TWSTORM_ROUNDS=N TWSTORM_ROUNDS=20

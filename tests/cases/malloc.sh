#!/bin/bash
# When an allocation fails, each command ends with a sentence and a documented exit code, or its
# result has every part: thousands of them, one by one, and from one on all.
# limit: 900
. "$(dirname "$0")/../lib.sh"
. tests/malloc.bash
in_netns "$@"

malloc_begin
malloc_run 0 client:3 stats:5 http:5 server:1 states:1 doctor:3 report:7 page:7 dry:3 list:13 probe:1 lab:7
malloc_run 1000000 client:11 server:3 states:1 report:29 dry:11 probe:3 lab:29

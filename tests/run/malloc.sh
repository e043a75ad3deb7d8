#!/bin/bash
# When an allocation fails, each command ends with a sentence and a documented exit code, or its
# result has every part.  A sample; tests/cases/malloc.sh fails many more.
. "$(dirname "$0")/../lib.sh"
. tests/malloc.bash
in_netns "$@"

malloc_begin
malloc_run 0 client:97 stats:149 server:41 states:19 doctor:397 report:499 page:499 dry:151 list:997 probe:61 lab:401
malloc_run 1000000 client:199 server:97 report:997 lab:997

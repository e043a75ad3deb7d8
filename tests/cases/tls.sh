#!/bin/bash
# Every strategy over TLS 1.2 and 1.3, 200 connections each, on two hosts and on loopback: all that is checked of them without
# TLS (netns/strategies) holds.
# limit: 900
. "$(dirname "$0")/../lib.sh"
has_tls || skip "built without OpenSSL"
for version in 1.2 1.3; do
	echo "TLS $version"
	TLS=$version ALL_CASES=1 bash tests/netns/strategies.sh || exit
done

#!/bin/bash
# postgres.sh DIR ADDRESS: makes a database in DIR and serves it at ADDRESS:5432 until it is told to end.
export LC_ALL=C
shopt -s nullglob
programs=(/usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(dirname "$(command -v initdb)")")
bin=${programs[0]}
[ -x "$bin/initdb" ] || { echo "postgres.sh needs the program initdb, which is not here" && exit 6; }
"$bin/initdb" -D "$1" -A trust -U postgres --no-sync >/dev/null || exit
echo 'host all all 198.18.0.0/15 trust' >>"$1/pg_hba.conf"
exec "$bin/postgres" -D "$1" -c listen_addresses="$2" -c unix_socket_directories= -c fsync=off -c shared_buffers=16MB

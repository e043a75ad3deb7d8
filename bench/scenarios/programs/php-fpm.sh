#!/bin/bash
# php-fpm.sh DIR: php-fpm by whatever name it is here, with DIR/fpm.conf, until it is told to end.
shopt -s nullglob
programs=(/usr/sbin/php-fpm* "$(command -v php-fpm)")
[ -x "${programs[0]}" ] || { echo "php-fpm.sh needs the program php-fpm, which is not here" && exit 6; }
exec "${programs[0]}" --allow-to-run-as-root --nodaemonize --force-stderr --fpm-config "$1/fpm.conf" -n

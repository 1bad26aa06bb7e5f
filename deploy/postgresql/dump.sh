#!/bin/sh
# A dump of the books into a folder, where the newest stay:    dump.sh FOLDER KEEP
# libpq's own variables say where the database is: PGHOST, PGUSER, PGPASSWORD, PGDATABASE.
set -eu
folder=$1 keep=$2
umask 077
unfinished=$folder/.desk.unfinished
pg_dump --format=custom --file="$unfinished"
sync "$unfinished"
mv "$unfinished" "$folder/desk-$(date -u +%Y%m%dT%H%M%SZ).dump"
# Only now, and only what this script has named: the oldest make room.
ls -1 "$folder" | grep -E '^desk-[0-9]{8}T[0-9]{6}Z\.dump$' | sort -r | tail -n "+$((keep + 1))" |
    while read -r old; do rm -f "$folder/$old"; done

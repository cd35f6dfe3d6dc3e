#!/bin/sh
# fleet_tables.sh: bench/fleet_tables.sql in a PostgreSQL 15 cluster of its own, which goes afterwards. As root.
set -eu
cd "$(dirname "$0")/.."
programs=/usr/lib/postgresql/15/bin
[ -x "$programs/initdb" ] || { echo "skipped: postgresql-15 is not installed"; exit 0; }
folder=$(mktemp -d)
chown postgres "$folder"
as_postgres() { runuser -u postgres -- "$@"; }
as_postgres "$programs/initdb" -D "$folder/data" -U thimble --auth=trust --no-sync >/dev/null
trap 'as_postgres "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null; rm -rf "$folder"' EXIT
as_postgres "$programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-k $folder -c listen_addresses= \
    -c fsync=off -c shared_buffers=4GB -c work_mem=256MB -c maintenance_work_mem=1GB -c max_wal_size=16GB" start >/dev/null
psql -q -h "$folder" -U thimble -d postgres <bench/fleet_tables.sql

#!/bin/sh
# units_test.sh: what systemd finds in our units, and how far it says that each is exposed. The root helper
# installs packages, so that it is exposed by what it is for.
set -eu
cd "$(dirname "$0")/../../../packaging/systemd"
if ! command -v systemd-analyze >/dev/null; then
    echo "skipped: no systemd-analyze"
    exit 77
fi
failed=0
limit=3.0
for unit in thimble-server thimble-feeds thimble-agent thimble-relay; do
    level=$(systemd-analyze security --offline=yes "$PWD/$unit.service" 2>/dev/null |
        sed -n 's/.*Overall exposure level for [^:]*: \([0-9.]*\) .*/\1/p')
    echo "$unit: ${level:-none}"
    if [ -z "$level" ] || [ "$(printf '%s\n%s\n' "$level" "$limit" | sort -g | tail -n 1)" != "$limit" ]; then
        echo "$unit is more exposed than $limit" >&2
        failed=1
    fi
done
# That programs and manuals are not installed here is no fault of the units.
if systemd-analyze verify "$PWD"/*.service "$PWD"/*.timer 2>&1 | grep -v 'is not executable' | grep -v "Command 'man "; then
    echo "systemd finds fault with the units" >&2
    failed=1
fi
exit $failed

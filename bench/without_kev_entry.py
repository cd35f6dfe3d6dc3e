"""without_kev_entry.py CVE <KEV >KEV: CISA's catalog as it was before it had that entry."""

import json
import sys

kev = json.load(sys.stdin)
kev["vulnerabilities"] = [one for one in kev["vulnerabilities"] if one["cveID"] != sys.argv[1]]
kev["count"] = len(kev["vulnerabilities"])
json.dump(kev, sys.stdout)

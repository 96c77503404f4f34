#!/usr/bin/env bash
# schemathesis against the real server. Arguments go to `schemathesis run`, for instance --include-path /v1/search.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$("$root/scripts/tools.sh" python)
exec "$python" "$root/tests/api/fuzz.py" "$@"

#!/usr/bin/env bash
# Does something with a MariaDB of its own that is gone afterwards; DOSSIER_TEST_MYSQL is its address.
#
#   scripts/with_mariadb.sh COMMAND …
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap '"$here/mariadb.sh" stop "$folder"; rm -rf "$folder"' EXIT
DOSSIER_TEST_MYSQL=$("$here/mariadb.sh" start "$folder")
export DOSSIER_TEST_MYSQL DOSSIER_TEST_MYSQL_FOLDER=$folder
"$@"

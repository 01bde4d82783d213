#!/usr/bin/env bash
# Runs the service on a small disk that fills and is then enlarged: acknowledged changes are stored,
# refused changes are not, and /readyz reports the full disk.
#
# Run it as root, since it mounts a tmpfs: tests/full_disk.sh [path of the candor program]
# It needs curl and sqlite3 (Debian: apt-get install curl sqlite3), and takes about half a minute.
set -euo pipefail
cd "$(dirname "$0")/.."
candor=$(realpath "${1:-target/release/candor}")
disk=$(mktemp -d) answers=$(mktemp -d)
service=
cleanup() {
    [ -z "$service" ] || kill -9 "$service" 2>/dev/null || true
    wait 2>/dev/null || true
    umount "$disk" 2>/dev/null || true
    rm -rf "$disk" "$answers"
}
trap cleanup EXIT

mount -t tmpfs -o size=6m tmpfs "$disk"
export CANDOR_DATA_DIR="$disk/data" CANDOR_LISTEN=127.0.0.1:18080 CANDOR_LOG=error
address=http://$CANDOR_LISTEN

start() {
    "$candor" serve 2>>"$answers/log" &
    service=$!
    for _ in $(seq 100); do
        curl -fs "$address/healthz" >/dev/null && return
        sleep 0.1
    done
    echo "the service did not start" >&2
    cat "$answers/log" >&2
    exit 1
}

# Creates department $1 and records its code by the response.
register() {
    local contact body answer
    contact=$(printf 'A desk. %.0s' $(seq 20))
    body='{"query":"mutation { createDepartment(input: { code: \"'$1'\", name: \"'$1'\", contact: \"'$contact'\" }) { department { id } userErrors { message } } }"}'
    answer=$(curl -s "$address/graphql" -H "authorization: Bearer $token" \
        -H 'content-type: application/json' -d "$body")
    case "$answer" in
        *'"id":"'*) echo "$1" >>"$answers/acknowledged" ;;
        *'Nothing was saved'*) echo "$1" >>"$answers/refused"; last_refusal=$answer ;;
        *'may have been saved'*) echo "$1" >>"$answers/unknown" ;;
        *) echo "unexpected: $answer" >&2; exit 1 ;;
    esac
}

readiness() { curl -s -o /dev/null -w '%{http_code}' "$address/readyz"; }

touch "$answers"/{acknowledged,refused,unknown}
start
token=$("$candor" token --role admin)

# Another process fills the disk while the service writes.
for number in $(seq 20); do register "A$number"; done
dd if=/dev/zero of="$disk/other" bs=4k 2>/dev/null || true
for number in $(seq 60); do register "B$number"; done
sleep 2
full=$(readiness)
[ "$full" = 503 ] || { echo "/readyz says $full on a full disk" >&2; exit 1; }
[ -s "$answers/refused" ] || { echo "nothing was refused: the disk was not full" >&2; exit 1; }

# The operator enlarges the disk: no restart is needed.
mount -o remount,size=64m "$disk"
for number in $(seq 20); do register "C$number"; done
sleep 2
enlarged=$(readiness)
[ "$enlarged" = 200 ] || { echo "/readyz says $enlarged on the enlarged disk" >&2; exit 1; }

kill -9 "$service"
wait "$service" 2>/dev/null || true
service=
sqlite3 "$CANDOR_DATA_DIR/candor.db" 'SELECT code FROM department' | sort >"$answers/stored"
for kind in acknowledged refused unknown; do sort -o "$answers/$kind" "$answers/$kind"; done
lost=$(comm -23 "$answers/acknowledged" "$answers/stored")
stored_refusals=$(comm -12 "$answers/refused" "$answers/stored")
[ -z "$lost" ] || { echo "acknowledged and lost: $lost" >&2; exit 1; }
[ -z "$stored_refusals" ] || { echo "refused but stored: $stored_refusals" >&2; exit 1; }
"$candor" verify >/dev/null
echo "$(wc -l <"$answers/acknowledged") acknowledged and stored," \
    "$(wc -l <"$answers/refused") refused and not stored," \
    "$(wc -l <"$answers/unknown") with an unknown result"
echo "refused with: $last_refusal"

#!/usr/bin/env bash
# Checks the HTTP interface by its OpenAPI document: redocly's recommended rules, and schemathesis, which
# sends generated requests to every operation as every kind of user that tests/access.toml has and as nobody,
# and compares each answer with the document.
#
# Run it with: tests/openapi_rules.sh [path of the candor program]
# It needs curl, node (20 or later) with npm, and python3 with venv (Debian: apt-get install curl nodejs npm
# python3-venv), installs both tools into a temporary folder, and takes up to eight minutes. It ends with 77 if a
# tool is missing or cannot be installed.
set -euo pipefail
cd "$(dirname "$0")/.."
candor=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/debug/candor}")
redocly=2.77.0
schemathesis=4.32.5
left_out() { echo "LEFT OUT: $*" >&2; exit 77; }
for program in curl node npm python3; do
    command -v "$program" >/dev/null || left_out "install $program first"
done
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || left_out "node is older than 20"
python3 -c 'import ensurepip' 2>/dev/null || left_out "install python3-venv first"
work=$(mktemp -d)
service=
cleanup() {
    if [ -n "$service" ]; then kill "$service" 2>/dev/null || true; fi
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "FAILED: $*" >&2; tail -n 20 "$work/log" >&2; exit 1; }

echo "redocly $redocly, recommended rules:"
printf 'extends:\n  - recommended\n' >"$work/redocly.yaml"
npm install --silent --no-audit --no-fund --prefix "$work" "@redocly/cli@$redocly" ||
    left_out "redocly cannot be installed"
REDOCLY_TELEMETRY=off "$work/node_modules/.bin/redocly" lint --config "$work/redocly.yaml" \
    --max-problems 100 openapi/candor.json || { echo "FAILED: the document breaks a rule" >&2; exit 1; }

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet "schemathesis==$schemathesis" ||
    left_out "schemathesis cannot be installed"
export CANDOR_DATA_DIR="$work/data" CANDOR_LISTEN=127.0.0.1:${CANDOR_RULES_PORT:-18200} CANDOR_LOG=error
address=http://$CANDOR_LISTEN
"$candor" demo >"$work/log" 2>&1 &
service=$!
for _ in $(seq 600); do
    curl -fs "$address/readyz" >/dev/null && break
    kill -0 "$service" 2>/dev/null || fail "the service does not start"
    sleep 0.1
done
set +u
. "$CANDOR_DATA_DIR/demo.env"
set -u
# A key of each scope: prints its secret.
create_key() {
    expires=$(date -u -d '+30 days' +%FT%TZ)
    curl -fs "$address/graphql" -H "Authorization: Bearer $ADMIN" -H 'Content-Type: application/json' -d '{
        "query": "mutation { createApiKey(input: { name: \"Rules\", scopes: ['"$1"'], expiresAt: \"'"$expires"'\" }) { secret } }"
    }' | sed -n 's/.*"secret":"\([^"]*\)".*/\1/p'
}
PROCUREMENT_KEY=$(create_key PROCUREMENT_SYSTEM)
EXPORTS_KEY=$(create_key EXPORTS)
EVENTS_KEY=$(create_key EVENTS)
[ -n "$PROCUREMENT_KEY" ] && [ -n "$EXPORTS_KEY" ] && [ -n "$EVENTS_KEY" ] || fail "no API key was created"

# Sends generated requests as a user. Where the address has the key, it is the user's.
check() {
    local user=$1 token=${!1:-none}
    mkdir "$work/$user"
    printf '[parameters]\n"path.key" = "%s"\n' "$token" >"$work/$user/schemathesis.toml"
    (cd "$work/$user" && "$work/venv/bin/schemathesis" run "$address/openapi.json" \
        --header "Authorization: Bearer $token" --seed 1 --max-examples 20 --workers 1 \
        --generation-database none --suppress-health-check all --no-color \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance \
        ) >"$work/$user.txt" 2>&1
}
# Several at a time, because each waits for the service most of its time.
declare -A running=()
failed=
collect() {
    local user
    for user in "${!running[@]}"; do
        kill -0 "${running[$user]}" 2>/dev/null && continue
        echo "schemathesis $schemathesis as $user:"
        if wait "${running[$user]}"; then
            tail -n 15 "$work/$user.txt"
        else
            cat "$work/$user.txt"
            failed+=" $user"
        fi
        unset "running[$user]"
    done
}
for user in BIDDER OFFICER REVIEWER SUPERVISOR ANALYST AUDITOR ADMIN PROCUREMENT PROCUREMENT_KEY \
    EXPORTS_KEY EVENTS_KEY NOBODY; do
    while [ "${#running[@]}" -ge "${CANDOR_RULES_USERS:-3}" ]; do sleep 0.5; collect; done
    check "$user" &
    running[$user]=$!
done
while [ "${#running[@]}" -gt 0 ]; do sleep 0.5; collect; done
[ -z "$failed" ] || fail "the service and its document differ, as$failed"
echo "all as expected, in $SECONDS s"

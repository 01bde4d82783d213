#!/usr/bin/env bash
# Signs a person in at a real OpenID provider (npm's oidc-provider, on a loopback address) and sends
# the tokens to the service: with each of the four algorithms, with keys that the provider rotates
# while the service runs, and after the provider has stopped.
#
# Run it with: tests/real_provider.sh [path of the candor program]
# It needs curl, node (20 or later) and npm (Debian: apt-get install curl nodejs npm), installs the
# provider into a temporary folder, and takes about two minutes, most of them the service's interval
# between two looks for unknown keys.
set -euo pipefail
cd "$(dirname "$0")/.."
candor=$(realpath "${1:-target/debug/candor}")
for program in curl node npm; do
    command -v "$program" >/dev/null || { echo "LEFT OUT: install $program first" >&2; exit 1; }
done
work=$(mktemp -d)
provider= service=
cleanup() {
    for process in $provider $service; do kill "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
fail() { echo "FAILED: $*" >&2; tail -n 20 "$work/log" "$work/provider.log" >&2; exit 1; }

cp tests/real_provider/*.mjs "$work"
(cd "$work" && npm init -y >/dev/null && npm install --no-audit --no-fund --silent oidc-provider@8.8.1)

port=${CANDOR_PROVIDER_PORT:-18100}
issuer=http://127.0.0.1:$port
export CANDOR_DATA_DIR="$work/data" CANDOR_LISTEN=127.0.0.1:$((port + 1)) CANDOR_LOG=info
address=http://$CANDOR_LISTEN
cat >"$work/issuers.toml" <<END
[[issuer]]
issuer = "$issuer"
name = "City staff"
audience = "candor"
jwks = "$issuer/jwks"
roles = ["bca_reviewer", "auditor"]
END

start_provider() {
    (cd "$work" && exec node provider.mjs "$port" "$1") >>"$work/provider.log" 2>&1 &
    provider=$!
    for _ in $(seq 100); do
        curl -fs "$issuer/.well-known/openid-configuration" >/dev/null && return
        sleep 0.1
    done
    fail "the provider does not start"
}
stop_provider() { kill "$provider"; wait "$provider" 2>/dev/null || true; provider=; }
# Signs in and sets access and id to the tokens.
sign_in() {
    local tokens
    tokens=$(cd "$work" && node sign_in.mjs "$issuer") || fail "nobody can sign in at the provider"
    access=$(sed -n 1p <<<"$tokens") id=$(sed -n 2p <<<"$tokens")
}
ask() {
    curl -s "$address/graphql" -H 'content-type: application/json' ${1:+-H "authorization: Bearer $1"} \
        -d '{"query":"{ viewer { subject name roles } }"}'
}
expect() {
    case $2 in *"$1"*) echo "  $2" ;; *) fail "expected $1, not $2" ;; esac
}

# The provider is away when the service starts.
CANDOR_AUTH_ISSUERS="$work/issuers.toml" "$candor" serve 2>>"$work/log" &
service=$!
for _ in $(seq 200); do
    curl -fs "$address/readyz" >/dev/null && break
    sleep 0.1
done
echo "without a token, before the provider has started:"
expect "Sign in at City staff ($issuer)" "$(ask '')"

for algorithm in RS256 PS256 ES256 EdDSA; do
    start_provider "$algorithm"
    sign_in
    # The service may have looked for keys a moment ago.
    sleep 31
    echo "$algorithm, the provider's access token:"
    expect '{"subject":"rosa","name":"Rosa Reviewer","roles":["BCA_REVIEWER"]}' "$(ask "$access")"
    echo "$algorithm, its ID token:"
    expect 'UNAUTHENTICATED' "$(ask "$id")"
    if [ -n "${before:-}" ]; then
        echo "$algorithm, the token of the key before:"
        expect 'a key that is not known' "$(ask "$before")"
    fi
    before=$access
    stop_provider
done
echo "the provider has stopped:"
expect '"subject":"rosa"' "$(ask "$access")"
if grep -qF -e "$access" -e "$id" -e Rosa "$work/log"; then fail "the log has a token or a name"; fi
echo "all as expected"

#!/bin/sh
# A Debian root without the security suite, then with it, shows exactly apt's own pending set.
# usage: pending_set_test.sh PRINT_OFFERS THIMBLE_APT
# Needs root, mmdebstrap and the package archive that this machine is configured with; else skips (77).
set -eu
print_offers=$1
thimble_apt=$2

skip() {
    echo "skipped: $1"
    exit 77
}
[ "$(id -u)" = 0 ] || skip "not root"
command -v mmdebstrap >/dev/null || skip "mmdebstrap is not installed"
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
targets=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages')
base=$(echo "$targets" | awk -v r="$codename" '$2 == r && $3 == "main" { print $1; exit }')
security=$(echo "$targets" | awk '$2 ~ /-security$/ && $3 == "main" { print $1, $2; exit }')
if [ -z "$base" ] || [ -z "$security" ]; then
    skip "no base and security archive is configured"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
root=$work/root
mmdebstrap --quiet --variant=apt "$codename" "$root" "deb $base $codename main" ||
    skip "the package archive cannot be reached"
native=$(dpkg --print-architecture)

# apt, looking into the root; nothing in it runs.
apt_there() {
    apt-get -o Dir="$root" -o Dir::State::status="$root/var/lib/dpkg/status" \
        -o APT::Architecture="$native" -o APT::Architectures="$native" -o Debug::NoLocking=1 "$@"
}
# name, installed, candidate and "security" of each upgrade that apt would do
apt_pending() {
    apt_there -s dist-upgrade | awk '
        $1 == "Inst" && $3 ~ /^\[/ {
            sub(/:.*/, "", $2); gsub(/[][]/, "", $3); sub(/^\(/, "", $4)
            print $2 "\t" $3 "\t" $4 "\t" (/Debian-Security|-security/ ? "security" : "-")
        }' | sort
}
our_pending() {
    "$print_offers" "$root" "$thimble_apt" | awk -F '\t' -v OFS='\t' \
        '$5 == "upgrade" { print $1, $2, $3, $4 }' | sort
}
compare() {
    apt_pending >"$work/apt"
    our_pending >"$work/ours"
    diff -u "$work/apt" "$work/ours" || { echo "FAILED: $1: the sets differ"; exit 1; }
    echo "$1: $(wc -l <"$work/ours") pending, $(grep -c 'security$' "$work/ours" || true) security"
}

compare "without the security suite"
if grep -q 'security$' "$work/ours"; then
    echo "FAILED: a security update without the security suite"
    exit 1
fi
echo "deb $security main" >>"$root/etc/apt/sources.list"
apt_there -qq update || skip "the security archive cannot be reached"
compare "with the security suite"

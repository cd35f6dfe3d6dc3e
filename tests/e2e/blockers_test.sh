#!/bin/sh
# What keeps an update back, against apt's own decision, in a root and an archive made for the test.
# usage: blockers_test.sh PRINT_OFFERS THIMBLE_APT
# Needs apt-get; no network, no rights.
set -eu
print_offers=$1
thimble_apt=$2
command -v apt-get >/dev/null || { echo "skipped: no apt-get"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
archive=$work/archive
machine_id=0123456789abcdef0123456789abcdef
mkdir -p "$root/etc/apt/apt.conf.d" "$root/etc/apt/preferences.d" "$root/var/lib/dpkg" \
    "$root/var/lib/apt/lists/partial" "$root/var/cache/apt/archives/partial" "$archive"
echo 'ID=debian' >"$root/etc/os-release"
echo $machine_id >"$root/etc/machine-id"
# A hostile root names programs in its configuration: none may run.
cat >"$root/etc/apt/apt.conf.d/hostile" <<EOF
APT::Solver "evil";
Dir::Bin::solvers:: "$work/evil";
Dir::Bin::methods "$work/evil";
Dir::Bin::dpkg "$work/evil/dpkg";
EOF
mkdir "$work/evil"
printf '#!/bin/sh\ntouch "%s/ran"\n' "$work" >"$work/evil/dpkg"
cp "$work/evil/dpkg" "$work/evil/evil"
chmod +x "$work/evil/dpkg" "$work/evil/evil"

installed() { # name version [status]
    printf 'Package: %s\nStatus: %s\nArchitecture: amd64\nVersion: %s\nMaintainer: a\nDescription: a\n%s\n' \
        "$1" "${3:-install ok installed}" "$2" "${4:-}" >>"$root/var/lib/dpkg/status"
}
offered() { # name version [further fields]
    printf 'Package: %s\nArchitecture: amd64\nVersion: %s\nMaintainer: a\nDescription: a\n' "$1" "$2"
    printf 'Filename: ./%s.deb\nSize: 1000\nSHA256: %064d\n%s\n' "$1" 0 "${3:-}"
    [ -z "${3:-}" ] || echo
} >>"$archive/Packages"

installed dpkg 1.21.22
installed plain 1
installed held 1 'hold ok installed'
installed pinned 1
installed never 1
installed wants-new 1
installed replaces 1
installed victim 1
installed impossible 1
installed unsigned 1
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
    installed "phased-$number" 1
done
offered plain 2
offered held 2
offered pinned 2
offered never 2
offered wants-new 2 'Depends: brand-new'
offered brand-new 1
offered replaces 2 'Conflicts: victim'
offered impossible 2 'Depends: nowhere (>= 3)'
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
    offered "phased-$number" 2 "Phased-Update-Percentage: $((number * 8))"
done
printf 'Package: pinned\nPin: version 1\nPin-Priority: 1001\n' >"$root/etc/apt/preferences.d/pinned"
printf 'Package: never\nPin: version 2\nPin-Priority: -1\n' >"$root/etc/apt/preferences.d/never"
echo "deb [trusted=yes] file:$archive ./" >"$root/etc/apt/sources.list"
mkdir "$work/unsigned"
archive=$work/unsigned offered unsigned 2
echo "deb file:$work/unsigned ./" >>"$root/etc/apt/sources.list"

apt_there() {
    apt-get -o Dir="$root" -o Dir::State::status="$root/var/lib/dpkg/status" -o Dir::Etc::parts=/dev/null \
        -o Dir::Bin::methods=/usr/lib/apt/methods -o APT::Architecture=amd64 -o APT::Architectures=amd64 \
        -o APT::Sandbox::User=root -o Debug::NoLocking=1 -o APT::Machine-ID=$machine_id "$@"
}
apt_there -qq -o Acquire::AllowInsecureRepositories=1 update 2>/dev/null
# What apt has linked from without the root is not in it: the lists become files.
for list in "$root"/var/lib/apt/lists/_*; do
    [ ! -L "$list" ] || cp --remove-destination "$(readlink -f "$list")" "$list"
done
apt_there -s dist-upgrade | awk '$1 == "Inst" && $3 ~ /^\[/ { print $2 }' | sort >"$work/apt"
"$print_offers" "$root" "$thimble_apt" >"$work/offers"
awk -F '\t' '$5 == "upgrade" { print $1 }' "$work/offers" | sort >"$work/ours"

failed=0
fail() {
    echo "FAILED: $1"
    failed=1
}
diff -u "$work/apt" "$work/ours" || fail "apt upgrades another set"
expect() { # name blocker
    awk -F '\t' -v n="$1" '$1 == n { print $6 }' "$work/offers" | grep -q "^$2" ||
        fail "$1 is not blocked by '$2': $(grep "^$1	" "$work/offers")"
}
expect held 'hold: '
expect pinned 'pin: apt prefers 1 (installed, pinned to priority 1001) to 2 (priority 500)$'
expect never 'pin: apt never takes 2 (pinned to priority -1); 1 is installed (priority 100)$'
expect wants-new 'needs_new_packages: brand-new'
expect replaces 'needs_removals: victim'
expect impossible 'dependency_conflict: impossible 2: Depends nowhere (>= 3)'
expect unsigned 'origin_not_allowed: no signed index offers it'
expect plain '$'
# Each phased update is either upgraded or kept back by its draw, never both, never neither.
for number in 1 2 3 4 5 6 7 8 9 10 11 12; do
    line=$(grep "^phased-$number	" "$work/offers") || fail "phased-$number is not offered"
    case $line in
    *"	upgrade	") ;;
    *"	-	phased: draw "*) ;;
    *) fail "phased-$number: $line" ;;
    esac
done
[ ! -e "$work/ran" ] || fail "a program named by the root's configuration ran"
[ $failed = 0 ] && echo "$(wc -l <"$work/offers") offers agree with apt"
exit $failed

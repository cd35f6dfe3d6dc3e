#!/bin/sh
# Changelogs of pending updates are read out of packages of a mirror in a folder of this machine, which stays as it is.
# usage: local_mirror_test.sh PRINT_OFFERS THIMBLE_APT
# Needs apt-get, apt-ftparchive and dpkg-deb; no network, no rights.
set -eu
thimble_apt=$2
for tool in apt-get apt-ftparchive dpkg-deb; do
    command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mirror=$work/mirror
package=$work/package
mkdir -p "$mirror" "$package/DEBIAN" "$package/usr/share/doc/local" "$work/lists/partial" "$work/archives/partial"
printf 'Package: local\nVersion: 2\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: a\n' >"$package/DEBIAN/control"
printf 'local (2) stable-security; urgency=high\n\n  * Close CVE-2099-0007.\n\n -- a <a@example.org>  Thu, 01 Jan 2026 00:00:00 +0000\n' |
    gzip -9n >"$package/usr/share/doc/local/changelog.gz"
# A very small package is taken for one of which the documents are elsewhere.
head -c 65536 /dev/urandom >"$package/usr/share/doc/local/weight"
dpkg-deb --root-owner-group -b "$package" "$mirror/local_2_all.deb" >/dev/null
(cd "$mirror" && apt-ftparchive packages . >Packages)
(cd "$mirror" && apt-ftparchive -o APT::FTPArchive::Release::Label=Debian-Security \
    -o APT::FTPArchive::Release::Origin=Debian release . >"$work/Release" && mv "$work/Release" Release)
printf 'Package: local\nStatus: install ok installed\nArchitecture: all\nVersion: 1\nMaintainer: a\nDescription: a\n' >"$work/status"
echo "deb [trusted=yes] file:$mirror ./" >"$work/sources"
cat >"$work/apt.conf" <<END
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "$work/sources";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache::archives "$work/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "root";
END
export APT_CONFIG="$work/apt.conf"
apt-get -qq -o Debug::NoLocking=1 update
before=$(sha256sum "$mirror/local_2_all.deb")
"$thimble_apt" --changelogs --cache "$work/cache" >"$work/answer"
failed=0
grep -q CVE-2099-0007 "$work/answer" || { echo "FAILED: the changelog is not read: $(cat "$work/answer")"; failed=1; }
[ "$(sha256sum "$mirror/local_2_all.deb")" = "$before" ] || { echo "FAILED: the mirror has changed"; failed=1; }
[ $failed = 0 ] && echo "the mirror stays as it is"
exit $failed

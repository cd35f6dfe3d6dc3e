#include "thimble/verify/package_files.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/inventory/file_owner.hpp"
#include "thimble/inventory/rpm_call.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

namespace thimble::verify {
namespace {

constexpr std::size_t kMaxList = std::size_t{64} << 20;
constexpr std::size_t kMaxFile = std::size_t{512} << 20;

/// dpkg's path-exclude is commonly set for these, in images above all.
constexpr std::array<std::string_view, 5> kMayBeLeftOut{
    "/usr/share/doc/",
    "/usr/share/man/",
    "/usr/share/info/",
    "/usr/share/locale/",
    "/usr/share/lintian/"};

/// "libx1" or, of a package that may be installed for several architectures, "libx1:amd64".
Result<std::string> read_info(
    host::Host& host, const PackageName& package, std::string_view ending) {
    const std::string folder = "/var/lib/dpkg/info/";
    auto text = host.read_file(
        folder + package.name + ":" + package.architecture + std::string(ending), kMaxList);
    if (!text && text.error().kind == ErrorKind::NotFound) {
        return host.read_file(folder + package.name + std::string(ending), kMaxList);
    }
    return text;
}

std::set<std::string> lines_of(std::string_view text) {
    std::set<std::string> unique;
    Lines lines(text);
    for (std::string_view line; lines.next(line);) {
        if (!line.empty()) {
            unique.emplace(line);
        }
    }
    return unique;
}

std::string real_place(
    const std::vector<inventory::Diversion>& diversions,
    const std::string& package,
    const std::string& path) {
    const auto diverted = std::ranges::find_if(diversions, [&](const auto& diversion) {
        return diversion.from == path && diversion.by != package;
    });
    return diverted == diversions.end() ? path : diverted->to;
}

std::vector<inventory::Diversion> read_diversions(host::Host& host) {
    return inventory::parse_diversions(
        host.read_file("/var/lib/dpkg/diversions", kMaxList).value_or(std::string()));
}

bool may_be_left_out(std::string_view path) {
    return std::ranges::any_of(
        kMayBeLeftOut, [path](std::string_view folder) { return path.starts_with(folder); });
}

}  // namespace

Result<std::set<std::string>> listed_files(host::Host& host, const PackageName& package) {
    THIMBLE_TRY(const std::string list, read_info(host, package, ".list"));
    std::set<std::string> paths = lines_of(list);
    for (const inventory::Diversion& diversion : read_diversions(host)) {
        if (diversion.by != package.name && paths.contains(diversion.from)) {
            paths.insert(diversion.to);
        }
    }
    return paths;
}

Result<PackageFiles> check_package_files(host::Host& host, const PackageName& package) {
    PackageFiles files;
    files.package = package.name;
    files.architecture = package.architecture;
    auto known = listed_files(host, package);
    if (!known && !inventory::find_rpm_database(host).empty()) {
        return check_rpm_files(host, package);
    }
    THIMBLE_TRY(files.paths, std::move(known));
    const auto sums = read_info(host, package, ".md5sums");
    if (!sums) {
        return files;
    }
    files.digests_known = true;
    const std::set<std::string> of_owner =
        lines_of(read_info(host, package, ".conffiles").value_or(std::string()));
    const auto diversions = read_diversions(host);
    for (const auto& [path, digest] : parse_md5sums(*sums)) {
        if (of_owner.contains(path)) {
            continue;
        }
        const auto bytes = host.read_file(real_place(diversions, package.name, path), kMaxFile);
        const bool is_missing = !bytes && bytes.error().kind == ErrorKind::NotFound;
        if (is_missing && may_be_left_out(path)) {
            continue;
        }
        compare_file(path, bytes, digest, md5_of, files);
    }
    return files;
}

void compare_file(
    const std::string& path,
    const Result<std::string>& bytes,
    const std::string& digest,
    std::string (*digest_of)(std::string_view),
    PackageFiles& files) {
    if (bytes) {
        ++files.checked;
        if (digest_of(*bytes) != digest) {
            files.differences.push_back({files.package, path, "changed"});
        }
        return;
    }
    const bool is_missing = bytes.error().kind == ErrorKind::NotFound;
    if (is_missing || bytes.error().code == "host.not_a_file") {
        ++files.checked;
        files.differences.push_back(
            {files.package, path, is_missing ? "missing" : "no file any more"});
    } else {
        files.unreadable.push_back(bytes.error().text());
    }
}

std::optional<Instant> unpacked_at(host::Host& host, const PackageName& package) {
    const std::string folder = "/var/lib/dpkg/info/" + package.name;
    for (const std::string& path :
         {folder + ":" + package.architecture + ".list", folder + ".list"}) {
        if (const auto list = host.look(path, host::Follow::No)) {
            return list->modified_at;
        }
    }
    if (inventory::find_rpm_database(host).empty()) {
        return std::nullopt;
    }
    const auto told = inventory::run_rpm(
        host,
        {.argv = {
             "rpm",
             "-q",
             "--queryformat",
             "%{INSTALLTIME}\\n",
             "--",
             package.name + "." + package.architecture}});
    if (!told || told->exit_status != 0) {
        return std::nullopt;
    }
    // Of what stands beside an older version each has its own; the newest is what came last.
    std::optional<std::int64_t> newest;
    Lines lines(told->output);
    for (std::string_view line; lines.next(line);) {
        newest = std::max(newest, number_in<std::int64_t>(trimmed(line)));
    }
    return newest ? std::optional(Instant(std::chrono::seconds(*newest))) : std::nullopt;
}

}  // namespace thimble::verify

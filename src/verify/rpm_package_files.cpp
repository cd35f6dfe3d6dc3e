#include "thimble/base/digest.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/inventory/rpm_call.hpp"
#include "thimble/inventory/rpm_files.hpp"
#include "thimble/verify/package_files.hpp"

#include <cstddef>

namespace thimble::verify {
namespace {

constexpr std::size_t kMaxFile = std::size_t{512} << 20;

/// Whether the package means the file to stay as it brought it.
bool counts(const inventory::RpmFile& file) {
    return file.is_regular && !file.is_config && !file.is_ghost && !file.is_left_out;
}

/// Whether its digest is of a kind that can be compared.
bool is_comparable(const inventory::RpmFile& file) {
    return file.is_sha256 || file.digest.size() == kMd5Digits;
}

}  // namespace

Result<PackageFiles> check_rpm_files(host::Host& host, const PackageName& package) {
    // A name that could be taken for an option is none that rpm knows.
    const std::string label = package.name + "." + package.architecture;
    THIMBLE_TRY(
        const host::Outcome outcome,
        inventory::run_rpm(
            host,
            {.argv = {"rpm", "-q", "--queryformat", inventory::rpm_files_format(), "--", label}}));
    if (outcome.exit_status != 0) {
        return failure(ErrorKind::NotFound, "verify.no_package", "rpm does not know " + label);
    }
    PackageFiles files;
    files.package = package.name;
    files.architecture = package.architecture;
    files.digests_known = true;
    for (const inventory::RpmFile& file : inventory::parse_rpm_files(outcome.output)) {
        files.paths.insert(file.path);
        if (!counts(file)) {
            continue;
        }
        if (!is_comparable(file)) {
            files.digests_known = false;
            continue;
        }
        compare_file(
            file.path,
            host.read_file(file.path, kMaxFile),
            file.digest,
            file.is_sha256 ? sha256_of : md5_of,
            files);
    }
    return files;
}

}  // namespace thimble::verify

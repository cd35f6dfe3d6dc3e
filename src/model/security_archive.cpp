#include "thimble/model/security_archive.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace thimble::model {
namespace {

constexpr std::string_view kSuffix = "-security";

bool is_of_release(const OfferOrigin& archive, const std::string& codename) {
    // Ubuntu calls all pockets by the release's codename; an archive without an index yet is known by its suite alone.
    return codename.empty() || archive.codename == codename
        || archive.codename == codename + std::string(kSuffix)
        || archive.archive == codename + std::string(kSuffix);
}

}  // namespace

bool is_security_archive(const OfferOrigin& archive) {
    return archive.label == "Debian-Security" || archive.archive.ends_with(kSuffix)
        || archive.codename.ends_with(kSuffix);
}

bool carries_security_updates(const OsRelease& os, std::span<const OfferOrigin> archives) {
    const bool has_such_an_archive =
        (os.id == "debian" || os.id == "ubuntu") && !os.version_id.empty();
    return !has_such_an_archive || std::ranges::any_of(archives, [&os](const OfferOrigin& archive) {
        return is_security_archive(archive) && is_of_release(archive, os.version_codename);
    });
}

}  // namespace thimble::model

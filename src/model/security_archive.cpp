#include "thimble/model/security_archive.hpp"

#include "thimble/model/debian_release.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace thimble::model {
namespace {

constexpr std::string_view kSuffix = "-security";

bool is_of_release(const OfferOrigin& archive, const std::string& codename) {
    // Ubuntu calls all pockets by the release's codename; a mirror may tell the suite alone.
    return codename.empty() || archive.codename == codename
        || archive.codename == codename + std::string(kSuffix)
        || archive.archive == codename + std::string(kSuffix);
}

/// "trixie-security" on bookworm. "stable-security" may be of any.
bool is_of_another_release(const OsRelease& os, std::string_view suite) {
    const auto* const named = find_release(os.id, suite.substr(0, suite.find_first_of("-/")));
    return named != nullptr && !os.version_codename.empty()
        && named->codename != os.version_codename;
}

}  // namespace

bool is_security_archive(const OfferOrigin& archive) {
    return archive.label == "Debian-Security" || archive.archive.ends_with(kSuffix)
        || archive.codename.ends_with(kSuffix);
}

bool may_be_security_archive(const OsRelease& os, const UnfetchedArchive& archive) {
    constexpr std::string_view kWord = "security";
    // Before bullseye the suite was buster/updates, below an address that tells.
    const bool says_so =
        archive.suite.contains(kWord) || (os.id == "debian" && archive.uri.contains(kWord));
    return says_so && !is_of_another_release(os, archive.suite);
}

bool carries_security_updates(const OsRelease& os, std::span<const OfferOrigin> archives) {
    const bool has_such_an_archive =
        (os.id == "debian" || os.id == "ubuntu") && !os.version_id.empty();
    return !has_such_an_archive || std::ranges::any_of(archives, [&os](const OfferOrigin& archive) {
        return is_security_archive(archive) && is_of_release(archive, os.version_codename);
    });
}

}  // namespace thimble::model

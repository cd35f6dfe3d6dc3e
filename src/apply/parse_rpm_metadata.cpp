#include "thimble/apply/deb_names.hpp"
#include "thimble/apply/rpm_metadata.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/hex.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxPackage = std::size_t{16} << 20;

Error bad_metadata(const char* what) {
    return failure(
        ErrorKind::Corrupt, "apply.bad_metadata", std::string(what) + " cannot be understood");
}

RepositoryPackage read_package(const pugi::xml_node& node) {
    RepositoryPackage package;
    package.package.name = node.child("name").text().as_string();
    package.package.architecture = node.child("arch").text().as_string();
    const pugi::xml_node version = node.child("version");
    const std::string epoch = version.attribute("epoch").as_string("0");
    package.package.version = (epoch == "0" ? "" : epoch + ":")
        + version.attribute("ver").as_string() + "-" + version.attribute("rel").as_string();
    const pugi::xml_node checksum = node.child("checksum");
    if (std::string_view(checksum.attribute("type").as_string()) == "sha256") {
        package.sha256 = checksum.text().as_string();
    }
    package.location = node.child("location").attribute("href").as_string();
    package.source_rpm = node.child("format").child("rpm:sourcerpm").text().as_string();
    package.size = node.child("size").attribute("package").as_ullong();
    package.installed_bytes = node.child("size").attribute("installed").as_llong();
    return package;
}

bool is_sound(const RepositoryPackage& package) {
    return is_package_name(package.package.name) && is_architecture(package.package.architecture)
        && is_version(package.package.version)
        && is_archive_name(
               std::string_view(package.location).substr(package.location.rfind('/') + 1))
        && (package.sha256.empty() || is_sha256(package.sha256));
}

}  // namespace

Result<std::string> parse_repomd(std::string_view text) {
    pugi::xml_document document;
    if (!document.load_buffer(text.data(), text.size())) {
        return bad_metadata("repomd.xml");
    }
    for (const pugi::xml_node& data : document.child("repomd").children("data")) {
        if (std::string_view(data.attribute("type").as_string()) == "primary") {
            std::string href = data.child("location").attribute("href").as_string();
            if (href.starts_with("repodata/") && is_plain_path("/" + href)) {
                return href;
            }
        }
    }
    return bad_metadata("repomd.xml");
}

Result<void> PrimaryReader::take(std::string_view piece) {
    constexpr std::string_view kBegin = "<package ";
    constexpr std::string_view kEnd = "</package>";
    rest_ += piece;
    std::size_t from = 0;
    for (;;) {
        const std::size_t begin = rest_.find(kBegin, from);
        const std::size_t end = begin == std::string::npos ? begin : rest_.find(kEnd, begin);
        if (end == std::string::npos) {
            // A tag may be cut: as much as could be the beginning of one stays.
            from = begin == std::string::npos
                ? std::max(from, rest_.size() - std::min(rest_.size(), kBegin.size()))
                : begin;
            break;
        }
        pugi::xml_document document;
        const std::size_t length = end + kEnd.size() - begin;
        if (document.load_buffer(rest_.data() + begin, length)) {
            RepositoryPackage package = read_package(document.child("package"));
            if (is_sound(package)) {
                found_(std::move(package));
            }
        }
        from = begin + length;
    }
    rest_.erase(0, from);
    if (rest_.size() > kMaxPackage) {
        return bad_metadata("the list of packages");
    }
    return {};
}

}  // namespace thimble::apply

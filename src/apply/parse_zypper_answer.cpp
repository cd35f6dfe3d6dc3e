#include "thimble/apply/deb_names.hpp"
#include "thimble/apply/zypper_answer.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/utf8.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxComplaint = 2000;
constexpr std::size_t kMaxPackage = std::size_t{16} << 20;

Error bad_answer(const char* what) {
    return failure(
        ErrorKind::Corrupt, "apply.bad_answer", std::string(what) + " cannot be understood");
}

Result<void> load(pugi::xml_document& document, std::string_view text, const char* what) {
    if (!document.load_buffer(text.data(), text.size())) {
        return bad_answer(what);
    }
    return {};
}

/// "0:1-2" is 1-2.
std::string without_zero(std::string_view edition) {
    return std::string(edition.starts_with("0:") ? edition.substr(2) : edition);
}

void complain(ZypperSummary& summary, std::string_view text) {
    if (!text.empty() && summary.complaint.size() < kMaxComplaint) {
        std::string words = printable(text, kMaxComplaint);
        std::ranges::replace(words, '\n', ' ');
        summary.complaint += (summary.complaint.empty() ? "" : "; ") + words;
    }
}

Result<void> add_change(
    ZypperSummary& summary, const pugi::xml_node& group, const pugi::xml_node& solvable) {
    const std::string_view where = group.name();
    if (std::string_view(solvable.attribute("type").as_string()) != "package") {
        return {};
    }
    ZypperChange change;
    change.name = solvable.attribute("name").as_string();
    change.architecture = solvable.attribute("arch").as_string();
    const std::string edition = without_zero(solvable.attribute("edition").as_string());
    if (where == "to-remove") {
        change.from_version = edition;
    } else {
        change.to_version = edition;
        change.from_version = without_zero(solvable.attribute("edition-old").as_string());
        if (where == "to-reinstall") {
            change.from_version = edition;
        }
    }
    if (!is_package_name(change.name) || !is_architecture(change.architecture)
        || !is_version(edition)) {
        return bad_answer("a package in zypper's answer");
    }
    const std::string_view old_architecture = solvable.attribute("arch-old").as_string();
    if (!old_architecture.empty() && old_architecture != change.architecture) {
        // Of another architecture it is another package: one goes, one comes.
        summary.changes.push_back(
            {change.name, std::string(old_architecture), change.from_version, {}});
        change.from_version.clear();
    }
    summary.changes.push_back(std::move(change));
    return {};
}

RepositoryPackage read_package(const pugi::xml_node& node) {
    RepositoryPackage package;
    package.package.name = node.child("name").text().as_string();
    package.package.architecture = node.child("arch").text().as_string();
    const pugi::xml_node version = node.child("version");
    package.package.version = without_zero(
        std::string(version.attribute("epoch").as_string("0")) + ":"
        + version.attribute("ver").as_string() + "-" + version.attribute("rel").as_string());
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

Result<ZypperSummary> parse_zypper_summary(std::string_view text) {
    pugi::xml_document document;
    THIMBLE_TRY(load(document, text, "zypper's answer"));
    const pugi::xml_node stream = document.child("stream");
    if (!stream) {
        return bad_answer("zypper's answer");
    }
    ZypperSummary summary;
    for (const pugi::xml_node& group : stream.child("install-summary").children()) {
        for (const pugi::xml_node& solvable : group.children("solvable")) {
            THIMBLE_TRY(add_change(summary, group, solvable));
        }
    }
    std::ranges::sort(summary.changes);
    const auto twice = std::ranges::unique(summary.changes);
    summary.changes.erase(twice.begin(), twice.end());
    for (const pugi::xml_node& message : stream.children("message")) {
        if (std::string_view(message.attribute("type").as_string()) == "error") {
            complain(summary, message.text().as_string());
        }
    }
    for (const pugi::xml_node& prompt : stream.children("prompt")) {
        complain(summary, prompt.child("description").text().as_string());
    }
    return summary;
}

Result<std::vector<ZypperRepository>> parse_zypper_repositories(std::string_view text) {
    pugi::xml_document document;
    THIMBLE_TRY(load(document, text, "zypper's list of repositories"));
    std::vector<ZypperRepository> repositories;
    for (const pugi::xml_node& node :
         document.child("stream").child("repo-list").children("repo")) {
        ZypperRepository repository;
        repository.alias = node.attribute("alias").as_string();
        repository.url = node.child("url").text().as_string();
        repository.is_enabled = node.attribute("enabled").as_bool();
        repository.is_checked = node.attribute("gpgcheck").as_bool()
            || node.attribute("pkg_gpgcheck").as_bool()
            || node.attribute("repo_gpgcheck").as_bool();
        repository.priority = node.attribute("priority").as_llong(99);
        if (!repository.alias.empty()) {
            repositories.push_back(std::move(repository));
        }
    }
    std::ranges::sort(repositories, {}, [](const ZypperRepository& repository) {
        return std::tie(repository.priority, repository.alias);
    });
    return repositories;
}

Result<std::vector<std::string>> parse_zypper_locks(std::string_view text) {
    pugi::xml_document document;
    THIMBLE_TRY(load(document, text, "zypper's list of locks"));
    std::vector<std::string> names;
    for (const pugi::xml_node& lock : document.child("stream").child("locks").children("lock")) {
        for (const pugi::xml_node& name : lock.children("name")) {
            names.emplace_back(name.text().as_string());
        }
    }
    return names;
}

Result<std::map<std::string, std::string>> parse_zypper_downloads(std::string_view text) {
    pugi::xml_document document;
    THIMBLE_TRY(load(document, text, "zypper's answer to a download"));
    std::map<std::string, std::string> paths;
    for (const pugi::xml_node& result : document.child("stream").children("download-result")) {
        const std::string path = result.child("localfile").attribute("path").as_string();
        const std::string name = path.substr(path.rfind('/') + 1);
        if (path.starts_with('/') && is_archive_name(name)) {
            paths[name] = path;
        }
    }
    return paths;
}

Result<std::string> parse_repomd(std::string_view text) {
    pugi::xml_document document;
    THIMBLE_TRY(load(document, text, "repomd.xml"));
    for (const pugi::xml_node& data : document.child("repomd").children("data")) {
        if (std::string_view(data.attribute("type").as_string()) == "primary") {
            std::string href = data.child("location").attribute("href").as_string();
            if (href.starts_with("repodata/") && is_plain_path("/" + href)) {
                return href;
            }
        }
    }
    return bad_answer("repomd.xml");
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
        return bad_answer("the list of packages");
    }
    return {};
}

}  // namespace thimble::apply

#include "thimble/base/error.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/inventory/zypper_answer.hpp"
#include "thimble/model/package_words.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>

namespace thimble::inventory {
namespace {

constexpr std::size_t kMaxComplaint = 2000;

Error bad_answer(const char* what) {
    return failure(
        ErrorKind::Corrupt, "inventory.bad_answer", std::string(what) + " cannot be understood");
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
    if (!model::is_package_name(change.name) || !model::is_architecture(change.architecture)
        || !model::is_version(edition)) {
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

/// What rpm calls the archive of a package, whatever its repository calls it.
std::string archive_name_of(const pugi::xml_node& solvable) {
    const pugi::xml_node edition = solvable.child("edition");
    return std::string(solvable.child("name").text().as_string()) + "-"
        + edition.attribute("version").as_string() + "-" + edition.attribute("release").as_string()
        + "." + solvable.child("arch").text().as_string() + ".rpm";
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
        if (path.starts_with('/') && model::is_archive_name(name)) {
            paths[name] = path;
            paths.emplace(archive_name_of(result.child("solvable")), path);
        }
    }
    return paths;
}

Result<std::vector<ZypperUpdate>> parse_zypper_updates(std::string_view text) {
    pugi::xml_document document;
    THIMBLE_TRY(load(document, text, "zypper's list of updates"));
    const pugi::xml_node list =
        document.child("stream").child("update-status").child("update-list");
    if (!list) {
        return bad_answer("zypper's list of updates");
    }
    std::vector<ZypperUpdate> updates;
    for (const pugi::xml_node& node : list.children("update")) {
        if (std::string_view(node.attribute("kind").as_string()) != "package") {
            continue;
        }
        ZypperUpdate update;
        update.name = node.attribute("name").as_string();
        update.architecture = node.attribute("arch").as_string();
        update.from_version = without_zero(node.attribute("edition-old").as_string());
        update.to_version = without_zero(node.attribute("edition").as_string());
        update.repository = node.child("source").attribute("alias").as_string();
        if (!model::is_package_name(update.name) || !model::is_architecture(update.architecture)
            || !model::is_version(update.from_version) || !model::is_version(update.to_version)) {
            return bad_answer("a package in zypper's list of updates");
        }
        updates.push_back(std::move(update));
    }
    return updates;
}

bool is_locked(std::string_view pattern, std::string_view name) {
    std::size_t at = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    std::size_t mark = 0;
    while (resume < name.size()) {
        if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == name[resume])
            && pattern[at] != '*') {
            ++at;
            ++resume;
        } else if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            mark = resume;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            resume = ++mark;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace thimble::inventory

#include "thimble/apply/configuration.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::array<std::pair<KeptKind, std::string_view>, 3> kKinds{{
    {KeptKind::Absent, "absent"},
    {KeptKind::File, "file"},
    {KeptKind::Link, "link"},
}};

/// Under which names package managers leave another version of a configuration file.
constexpr auto kBeside = std::to_array<std::string_view>(
    {".dpkg-dist",
     ".dpkg-new",
     ".dpkg-old",
     ".dpkg-tmp",
     ".dpkg-bak",
     ".ucf-dist",
     ".ucf-new",
     ".ucf-old",
     ".rpmnew",
     ".rpmsave",
     ".rpmorig"});

std::uint32_t small(JsonMembers& members, std::string_view name) {
    const std::uint64_t found = members.count(name);
    if (found > std::numeric_limits<std::uint32_t>::max()) {
        members.reject(name);
    }
    return static_cast<std::uint32_t>(found);
}

Result<KeptFile> read_file(const JsonValue& value) {
    JsonMembers members(value);
    KeptFile file;
    file.path = members.text("path");
    const std::string word = members.text("kind");
    const auto* const kind =
        std::ranges::find(kKinds, word, &std::pair<KeptKind, std::string_view>::second);
    if (kind == kKinds.end()) {
        members.reject("kind");
    } else {
        file.kind = kind->first;
    }
    file.sha256 = members.text("sha256");
    file.mode = small(members, "mode");
    file.owner = small(members, "owner");
    file.group = small(members, "group");
    file.modified_seconds = members.number("modified_seconds");
    if (!file.path.starts_with('/') || file.path.contains('\0')) {
        members.reject("path");
    }
    if (file.kind != KeptKind::Absent && !is_hex(file.sha256, kSha256Digits)) {
        members.reject("sha256");
    }
    THIMBLE_TRY(members.done());
    return file;
}

Result<std::vector<KeptFile>> read_files(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    THIMBLE_TRY(auto files, read_items<KeptFile>(members.array("files"), read_file));
    THIMBLE_TRY(members.done());
    return files;
}

const KeptFile* find(std::span<const KeptFile> files, std::string_view path) {
    const auto found = std::ranges::find(files, path, &KeptFile::path);
    return found == files.end() ? nullptr : &*found;
}

bool is_same(const KeptFile* left, const KeptFile* right) {
    const KeptKind left_kind = left == nullptr ? KeptKind::Absent : left->kind;
    const KeptKind right_kind = right == nullptr ? KeptKind::Absent : right->kind;
    return left_kind == right_kind
        && (left_kind == KeptKind::Absent || left->sha256 == right->sha256);
}

/// What somebody has let others read or not since the transaction stays so, as dpkg leaves it.
KeptFile with_rights_of_since(KeptFile file, const KeptFile* after, const KeptFile* now) {
    const bool are_known = after != nullptr && now != nullptr && now->kind != KeptKind::Absent
        && file.kind != KeptKind::Absent;
    const auto rights = [](const KeptFile& one) {
        return std::tuple(one.mode, one.owner, one.group);
    };
    if (are_known && rights(*after) != rights(*now)) {
        file.mode = now->mode;
        file.owner = now->owner;
        file.group = now->group;
    }
    return file;
}

}  // namespace

std::string format_configuration(std::span<const KeptFile> files) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("files").open_array();
    for (const KeptFile& file : files) {
        const auto* const kind =
            std::ranges::find(kKinds, file.kind, &std::pair<KeptKind, std::string_view>::first);
        json.open_object().member("path", file.path).member("kind", kind->second);
        json.member("sha256", file.sha256).key("mode").number(file.mode);
        json.key("owner").number(file.owner).key("group").number(file.group);
        json.key("modified_seconds").number(file.modified_seconds).close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<std::vector<KeptFile>> parse_configuration(std::string_view text) {
    auto files = read_files(text);
    if (!files) {
        Error error = std::move(files).error();
        error.code = "apply.bad_configuration";
        return because("the record of the configuration files", std::move(error));
    }
    return files;
}

std::vector<std::string> names_beside(std::string_view path) {
    std::vector<std::string> names{std::string(path)};
    for (const std::string_view ending : kBeside) {
        names.push_back(std::string(path).append(ending));
    }
    return names;
}

std::vector<std::string> left_beside(
    std::span<const KeptFile> before, std::span<const KeptFile> after) {
    std::vector<std::string> left;
    for (const KeptFile& file : after) {
        const bool is_beside = std::ranges::any_of(
            kBeside, [&](std::string_view end) { return file.path.ends_with(end); });
        const auto earlier = std::ranges::find(before, file.path, &KeptFile::path);
        const bool was_there =
            earlier != before.end() && earlier->kind == file.kind && earlier->sha256 == file.sha256;
        if (is_beside && file.kind != KeptKind::Absent && !was_there) {
            left.push_back(file.path);
        }
    }
    std::ranges::sort(left);
    return left;
}

std::vector<KeptFile> restorable(
    std::span<const KeptFile> before,
    std::span<const KeptFile> after,
    std::span<const KeptFile> now) {
    const auto untouched = [&](const std::string& path) {
        return after.empty() || is_same(find(after, path), find(now, path));
    };
    std::vector<KeptFile> files;
    for (const KeptFile& file : before) {
        if (untouched(file.path)) {
            files.push_back(
                with_rights_of_since(file, find(after, file.path), find(now, file.path)));
        }
    }
    return files;
}

}  // namespace thimble::apply

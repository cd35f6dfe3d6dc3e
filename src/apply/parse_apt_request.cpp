#include "thimble/apply/apt_request.hpp"
#include "thimble/apply/deb_names.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/apply/plan_words.hpp"
#include "thimble/base/hex.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/base/result.hpp"
#include "thimble/model/plan.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::apply {
namespace {

constexpr std::array kLevels{
    model::UpgradeLevel::SecurityOnly,
    model::UpgradeLevel::Upgrade,
    model::UpgradeLevel::UpgradeWithNew,
    model::UpgradeLevel::Full,
};

struct EndingName {
    FetchEnding ending;
    std::string_view name;
};
constexpr std::array<EndingName, 7> kEndings{{
    {FetchEnding::Done, "done"},
    {FetchEnding::VersionGone, "version_gone"},
    {FetchEnding::WrongDigest, "wrong_digest"},
    {FetchEnding::Unreachable, "unreachable"},
    {FetchEnding::Untrusted, "untrusted"},
    {FetchEnding::NoSpace, "no_space"},
    {FetchEnding::Failed, "failed"},
}};

std::string_view ending_name(FetchEnding ending) {
    return std::ranges::find(kEndings, ending, &EndingName::ending)->name;
}

void write_package(JsonWriter& json, const PackageVersion& package) {
    json.member("name", package.name)
        .member("architecture", package.architecture)
        .member("version", package.version);
}

PackageVersion read_package(JsonMembers& members) {
    PackageVersion package{
        .name = members.text("name"),
        .architecture = members.text("architecture"),
        .version = members.text("version")};
    if (!is_package_name(package.name)) {
        members.reject("name");
    }
    if (!is_architecture(package.architecture)) {
        members.reject("architecture");
    }
    if (!is_version(package.version)) {
        members.reject("version");
    }
    return package;
}

Result<PackageVersion> read_wanted(const JsonValue& value) {
    JsonMembers members(value);
    PackageVersion package = read_package(members);
    THIMBLE_TRY(members.done());
    return package;
}

Result<WantedArchive> read_wanted_archive(const JsonValue& value) {
    JsonMembers members(value);
    WantedArchive archive{
        .package = read_package(members),
        .sha256 = members.text_or_null("sha256"),
        .file_name = members.text("file_name")};
    if (!archive.sha256.empty() && !is_sha256(archive.sha256)) {
        members.reject("sha256");
    }
    if (!is_archive_name(archive.file_name)) {
        members.reject("file_name");
    }
    THIMBLE_TRY(members.done());
    return archive;
}

Result<FetchedArchive> read_fetched_archive(const JsonValue& value) {
    JsonMembers members(value);
    const std::string ending = members.text("ending");
    const auto* found = std::ranges::find(kEndings, ending, &EndingName::name);
    FetchedArchive archive{
        .file_name = members.text("file_name"),
        .ending = found == kEndings.end() ? FetchEnding::Failed : found->ending,
        .why = members.text_or_null("why"),
        .uri = members.text_or_null("uri"),
        .sha256 = members.text_or_null("sha256"),
        .size = members.count("size")};
    if (found == kEndings.end()) {
        members.reject("ending");
    }
    if (!is_archive_name(archive.file_name)) {
        members.reject("file_name");
    }
    THIMBLE_TRY(members.done());
    return archive;
}

}  // namespace

std::string format_resolving(const Resolving& wanted) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("level", model::upgrade_level_name(wanted.level));
    json.key("wanted").open_array();
    for (const PackageVersion& package : wanted.wanted) {
        json.open_object();
        write_package(json, package);
        json.close_object();
    }
    json.close_array().member("excluded", wanted.excluded).key("origins").open_array();
    for (const OriginPattern& pattern : wanted.origins) {
        json.text(format_origin_pattern(pattern));
    }
    json.close_array().close_object();
    return text;
}

Result<Resolving> parse_resolving(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    Resolving wanted;
    const auto* level =
        std::ranges::find(kLevels, members.text("level"), model::upgrade_level_name);
    if (level == kLevels.end()) {
        members.reject("level");
    } else {
        wanted.level = *level;
    }
    THIMBLE_TRY(wanted.wanted, read_items<PackageVersion>(members.array("wanted"), read_wanted));
    wanted.excluded = members.texts("excluded");
    const std::vector<std::string> origins = members.texts("origins");
    THIMBLE_TRY(members.done());
    THIMBLE_TRY(wanted.origins, parse_origin_patterns(origins));
    return wanted;
}

std::string format_resolution(const Resolution& resolution) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("steps").open_array();
    for (const model::PlannedStep& step : resolution.steps) {
        write_step(json, step);
    }
    json.close_array();
    write_problems(json, resolution.problems);
    write_left_out(json, resolution.left_out);
    json.close_object();
    return text;
}

Result<Resolution> parse_resolution(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    Resolution resolution;
    THIMBLE_TRY(
        resolution.steps, read_items<model::PlannedStep>(members.array("steps"), read_step));
    THIMBLE_TRY(
        resolution.problems,
        read_items<model::PlanProblem>(members.array("problems"), read_problem));
    THIMBLE_TRY(
        resolution.left_out, read_items<model::LeftOut>(members.array("left_out"), read_left_out));
    THIMBLE_TRY(members.done());
    return resolution;
}

std::string format_wanted_archives(const std::vector<WantedArchive>& archives) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("archives").open_array();
    for (const WantedArchive& archive : archives) {
        json.open_object();
        write_package(json, archive.package);
        json.member_or_null("sha256", archive.sha256)
            .member("file_name", archive.file_name)
            .close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<std::vector<WantedArchive>> parse_wanted_archives(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    THIMBLE_TRY(
        auto archives, read_items<WantedArchive>(members.array("archives"), read_wanted_archive));
    THIMBLE_TRY(members.done());
    return archives;
}

std::string format_fetched_archives(const std::vector<FetchedArchive>& archives) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("archives").open_array();
    for (const FetchedArchive& archive : archives) {
        json.open_object()
            .member("file_name", archive.file_name)
            .member("ending", ending_name(archive.ending))
            .member_or_null("why", archive.why)
            .member_or_null("uri", archive.uri)
            .member_or_null("sha256", archive.sha256)
            .key("size")
            .number(static_cast<std::int64_t>(archive.size))
            .close_object();
    }
    json.close_array().close_object();
    return text;
}

Result<std::vector<FetchedArchive>> parse_fetched_archives(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    JsonMembers members(document);
    THIMBLE_TRY(
        auto archives, read_items<FetchedArchive>(members.array("archives"), read_fetched_archive));
    THIMBLE_TRY(members.done());
    return archives;
}

}  // namespace thimble::apply

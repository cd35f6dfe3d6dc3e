#include "thimble/base/error.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/base/result.hpp"
#include "thimble/inventory/apt_answer.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/inventory.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace thimble::inventory {
namespace {

Error bad_answer(Error why) {
    why.code = "inventory.bad_apt_answer";
    return because("the answer of thimble-apt", std::move(why));
}

std::optional<std::uint32_t> small_count_or_null(JsonMembers& members, std::string_view name) {
    const auto found = members.count_or_null(name);
    if (found && *found > std::numeric_limits<std::uint32_t>::max()) {
        members.reject(name);
    }
    return found ? std::optional{static_cast<std::uint32_t>(*found)} : std::nullopt;
}

Result<model::OfferOrigin> read_origin(const JsonValue& value) {
    JsonMembers members(value);
    model::OfferOrigin origin{
        .origin = members.text("origin"),
        .label = members.text("label"),
        .archive = members.text("archive"),
        .codename = members.text("codename"),
        .component = members.text("component"),
        .site = members.text("site"),
        .trusted = members.boolean("trusted")};
    THIMBLE_TRY(members.done());
    return origin;
}

Result<model::Blocker> read_blocker(const JsonValue& value) {
    JsonMembers members(value);
    const auto kind = model::blocker_kind_named(members.text("kind"));
    if (!kind) {
        members.reject("kind");
    }
    model::Blocker blocker{
        .kind = kind.value_or(model::BlockerKind::Hold), .detail = members.text("detail")};
    THIMBLE_TRY(members.done());
    return blocker;
}

Result<model::Gap> read_gap(const JsonValue& value) {
    JsonMembers members(value);
    model::Gap gap{
        .code = members.text("code"),
        .detail = members.text("detail"),
        .next = members.text("next")};
    THIMBLE_TRY(members.done());
    return gap;
}

/// As of installed packages: a host that is not trusted sends them too.
constexpr std::size_t kMaxOfferTextBytes = 512;

Result<model::Offer> read_offer(const JsonValue& value) {
    JsonMembers members(value);
    model::Offer offer;
    offer.name = members.text("name");
    offer.architecture = members.text("architecture");
    offer.installed_version = members.text("installed_version");
    offer.candidate_version = members.text("candidate_version");
    offer.source_name = members.text("source_name");
    offer.source_version = members.text("source_version");
    offer.security = members.boolean("security");
    offer.in_upgrade = members.boolean("in_upgrade");
    offer.phased_percentage = small_count_or_null(members, "phased_percentage");
    offer.phase_draw = small_count_or_null(members, "phase_draw");
    offer.download_bytes = members.count("download_bytes");
    offer.growth_bytes = members.number("growth_bytes");
    for (const std::string* text :
         {&offer.name,
          &offer.architecture,
          &offer.installed_version,
          &offer.candidate_version,
          &offer.source_name,
          &offer.source_version}) {
        if (text->size() > kMaxOfferTextBytes) {
            members.reject("a name or version");
        }
    }
    constexpr auto kMostGrowth = static_cast<std::int64_t>(kMaxPackageBytes);
    if (offer.download_bytes > kMaxPackageBytes || offer.growth_bytes > kMostGrowth
        || offer.growth_bytes < -kMostGrowth) {
        members.reject("download_bytes or growth_bytes");
    }
    THIMBLE_TRY(
        offer.origins, read_items<model::OfferOrigin>(members.array("origins"), read_origin));
    THIMBLE_TRY(
        offer.blockers, read_items<model::Blocker>(members.array("blockers"), read_blocker));
    THIMBLE_TRY(members.done());
    return offer;
}

Result<model::ChangelogEvidence> read_evidence(const JsonValue& value) {
    JsonMembers members(value);
    model::ChangelogEvidence evidence{
        .source_name = members.text("source_name"),
        .from_version = members.text("from_version"),
        .to_version = members.text("to_version"),
        .vulnerabilities = members.texts("vulnerabilities"),
        .urgency = members.text("urgency"),
        .news = members.texts("news"),
        .read_from = members.text("read_from")};
    THIMBLE_TRY(members.done());
    return evidence;
}

Result<model::UnfetchedArchive> read_unfetched(const JsonValue& value) {
    JsonMembers members(value);
    model::UnfetchedArchive archive{.uri = members.text("uri"), .suite = members.text("suite")};
    THIMBLE_TRY(members.done());
    return archive;
}

Result<model::PackageIndex> read_index(const JsonValue& value) {
    JsonMembers members(value);
    model::PackageIndex index;
    index.asked = members.boolean("asked");
    index.problems = members.texts("problems");
    const std::string refreshed_at = members.text_or_null("refreshed_at");
    if (!members.is_null("archives")) {
        THIMBLE_TRY(
            index.archives, read_items<model::OfferOrigin>(members.array("archives"), read_origin));
    }
    if (!members.is_null("unfetched")) {
        THIMBLE_TRY(
            index.unfetched,
            read_items<model::UnfetchedArchive>(members.array("unfetched"), read_unfetched));
    }
    THIMBLE_TRY(members.done());
    if (!refreshed_at.empty()) {
        THIMBLE_TRY(index.refreshed_at, parse_instant(refreshed_at));
    }
    return index;
}

Result<AptAnswer> read_answer(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    return read_apt_answer(document);
}

Result<model::ChangelogEvidence> read_cached_evidence(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    return read_evidence(document);
}

}  // namespace

Result<AptAnswer> read_apt_answer(const JsonValue& value) {
    JsonMembers members(value);
    if (members.number("format") != 1) {
        members.reject("format");
    }
    AptAnswer answer;
    THIMBLE_TRY(answer.index, read_index(members.member("index")));
    THIMBLE_TRY(answer.offers, read_items<model::Offer>(members.array("offers"), read_offer));
    THIMBLE_TRY(
        answer.changelogs,
        read_items<model::ChangelogEvidence>(members.array("changelogs"), read_evidence));
    THIMBLE_TRY(answer.gaps, read_items<model::Gap>(members.array("gaps"), read_gap));
    THIMBLE_TRY(members.done());
    return answer;
}

Result<AptAnswer> parse_apt_answer(std::string_view text) {
    auto answer = read_answer(text);
    if (!answer) {
        return bad_answer(std::move(answer).error());
    }
    return answer;
}

Result<model::ChangelogEvidence> parse_changelog_evidence(std::string_view text) {
    auto evidence = read_cached_evidence(text);
    if (!evidence) {
        return bad_answer(std::move(evidence).error());
    }
    return evidence;
}

}  // namespace thimble::inventory

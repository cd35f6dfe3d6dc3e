#include "thimble/cli/plan_gaps.hpp"

#include "thimble/apply/origin_patterns.hpp"
#include "thimble/assess/changelog_evidence.hpp"
#include "thimble/assess/host_gaps.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/gap_json.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace thimble::cli {
namespace {

/// Whether one of the archives of the host matches. Of which component something is only a version of it tells.
bool names_an_archive(
    const std::vector<std::string>& origins,
    const std::optional<std::vector<model::OfferOrigin>>& archives) {
    auto patterns = apply::parse_origin_patterns(origins);
    if (!patterns || !archives) {
        return false;
    }
    for (apply::OriginPattern& pattern : *patterns) {
        std::erase_if(pattern.parts, [](const apply::OriginPart& part) {
            return part.key == apply::OriginKey::Component;
        });
    }
    return std::ranges::any_of(*archives, [&](const model::OfferOrigin& archive) {
        return apply::allows_origin(*patterns, {&archive, 1});
    });
}

/// Of an update that is no security update, whose changelog nobody reads.
const char* const kUnreadUpdate =
    "an offered update of its package may, as its changelog was not read";

std::string next_about_changelogs(const std::vector<model::Gap>& gaps) {
    const auto gap = std::ranges::find(gaps, "inventory.no_changelog", &model::Gap::code);
    return gap == gaps.end() ? std::string() : gap->next;
}

}  // namespace

std::vector<model::Gap> index_gaps(
    const std::vector<model::Gap>& gaps,
    const model::PackageIndex& index,
    const model::PlanPolicy& policy) {
    const bool are_named =
        !policy.origins.empty() && names_an_archive(policy.origins, index.archives);
    std::vector<model::Gap> found;
    std::ranges::copy_if(gaps, std::back_inserter(found), [&](const model::Gap& gap) {
        const bool is_told = are_named && gap.code == "inventory.no_security_archive";
        return assess::is_index_gap(gap) && !is_told;
    });
    return found;
}

std::vector<model::Gap> catalog_gaps(
    const std::vector<model::Gap>& gaps,
    const model::PlanSelection& selection,
    bool is_one_of_many) {
    const bool names_advisories =
        !selection.vulnerabilities.empty() || !selection.advisories.empty();
    std::vector<model::Gap> found;
    if ((selection.security && !selection.all) || (names_advisories && !is_one_of_many)) {
        std::ranges::copy_if(gaps, std::back_inserter(found), assess::is_catalog_gap);
    }
    return found;
}

std::vector<model::Gap> unfinished_gaps(
    const std::vector<model::Gap>& gaps, const std::vector<model::LeftOut>& left_out) {
    const auto reason = model::blocker_name(model::BlockerKind::PackageManagerInterrupted);
    std::vector<model::Gap> found;
    if (std::ranges::find(left_out, reason, &model::LeftOut::code) == left_out.end()) {
        std::ranges::copy_if(gaps, std::back_inserter(found), assess::is_unfinished_gap);
    }
    return found;
}

model::Gap not_known_gap(
    std::span<const std::string> names,
    const model::Inventory& inventory,
    const std::vector<model::Gap>& gaps,
    const std::vector<model::Gap>& missing) {
    std::string words;
    for (const std::string& name : names) {
        words.append(words.empty() ? "" : ", ").append(name);
    }
    words = "it is not known whether a patch closes " + words + ": ";
    const std::string unread = assess::unread_words(inventory);
    return missing.empty()
        ? model::
              Gap{"cli.not_known",
                  words + (unread.empty() ? kUnreadUpdate : unread),
                  next_about_changelogs(gaps)}
        : model::Gap{"cli.not_known", words + missing.front().detail, missing.front().next};
}

std::string with_gaps(std::string document, const std::vector<model::Gap>& gaps) {
    THIMBLE_CHECK(document.ends_with('}'));
    document.pop_back();
    return document + ",\"gaps\":" + model::gaps_json(gaps) + "}";
}

}  // namespace thimble::cli

#include "thimble/base/error.hpp"
#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/inventory/apt_answer.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/inventory.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/parse_options.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace thimble::inventory {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxItems = 200'000;

Error bad_answer(std::string_view what) {
    return failure(
        ErrorKind::Corrupt,
        "inventory.bad_apt_answer",
        "the answer of thimble-apt: " + std::string(what));
}

/// Reads members of one object; the first that is wrong is remembered, the rest read on.
class Members {
public:
    explicit Members(const json::value& value) : object_(value.if_object()) {
        if (object_ == nullptr) {
            wrong_ = "not an object";
        }
    }

    std::string text(std::string_view name) {
        const json::value* value = find(name);
        const json::string* found = value == nullptr ? nullptr : value->if_string();
        if (found == nullptr) {
            wrong_ = name;
            return {};
        }
        return {found->data(), found->size()};
    }

    std::string text_or_null(std::string_view name) {
        const json::value* value = find(name);
        return value != nullptr && value->is_null() ? std::string() : text(name);
    }

    bool boolean(std::string_view name) {
        const json::value* value = find(name);
        const bool* found = value == nullptr ? nullptr : value->if_bool();
        if (found == nullptr) {
            wrong_ = name;
            return false;
        }
        return *found;
    }

    std::int64_t number(std::string_view name) {
        const json::value* value = find(name);
        const std::int64_t* found = value == nullptr ? nullptr : value->if_int64();
        if (found == nullptr || *found < 0) {
            wrong_ = name;
            return 0;
        }
        return *found;
    }

    std::optional<std::uint32_t> number_or_null(std::string_view name) {
        const json::value* value = find(name);
        if (value != nullptr && value->is_null()) {
            return std::nullopt;
        }
        const std::int64_t found = number(name);
        if (found > std::numeric_limits<std::uint32_t>::max()) {
            wrong_ = name;
            return std::nullopt;
        }
        return static_cast<std::uint32_t>(found);
    }

    const json::array& array(std::string_view name) {
        static const json::array kNone;
        const json::value* value = find(name);
        const json::array* found = value == nullptr ? nullptr : value->if_array();
        if (found == nullptr || found->size() > kMaxItems) {
            wrong_ = name;
            return kNone;
        }
        return *found;
    }

    std::vector<std::string> texts(std::string_view name) {
        std::vector<std::string> out;
        for (const json::value& value : array(name)) {
            const json::string* found = value.if_string();
            if (found == nullptr) {
                wrong_ = name;
                return out;
            }
            out.emplace_back(found->data(), found->size());
        }
        return out;
    }

    const json::value& member(std::string_view name) {
        static const json::value kNull;
        const json::value* value = find(name);
        return value == nullptr ? kNull : *value;
    }

    void reject(std::string_view what) { wrong_ = what; }

    Result<void> done() const {
        if (!wrong_.empty()) {
            return bad_answer(wrong_);
        }
        return {};
    }

private:
    const json::value* find(std::string_view name) {
        return object_ == nullptr ? nullptr : object_->if_contains(name);
    }

    const json::object* object_;
    std::string wrong_;
};

Result<model::OfferOrigin> read_origin(const json::value& value) {
    Members members(value);
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

Result<model::Blocker> read_blocker(const json::value& value) {
    Members members(value);
    const auto kind = model::blocker_kind_named(members.text("kind"));
    if (!kind) {
        members.reject("kind");
    }
    model::Blocker blocker{
        .kind = kind.value_or(model::BlockerKind::Hold), .detail = members.text("detail")};
    THIMBLE_TRY(members.done());
    return blocker;
}

Result<model::Gap> read_gap(const json::value& value) {
    Members members(value);
    model::Gap gap{
        .code = members.text("code"),
        .detail = members.text("detail"),
        .next = members.text("next")};
    THIMBLE_TRY(members.done());
    return gap;
}

/// Every item of an array by `read`.
template <class Item, class Read>
Result<std::vector<Item>> read_all(const json::array& array, Read read) {
    std::vector<Item> items;
    items.reserve(array.size());
    for (const json::value& value : array) {
        THIMBLE_TRY(items.emplace_back(), read(value));
    }
    return items;
}

Result<model::Offer> read_offer(const json::value& value) {
    Members members(value);
    model::Offer offer;
    offer.name = members.text("name");
    offer.architecture = members.text("architecture");
    offer.installed_version = members.text("installed_version");
    offer.candidate_version = members.text("candidate_version");
    offer.source_name = members.text("source_name");
    offer.source_version = members.text("source_version");
    offer.security = members.boolean("security");
    offer.in_upgrade = members.boolean("in_upgrade");
    offer.phased_percentage = members.number_or_null("phased_percentage");
    offer.phase_draw = members.number_or_null("phase_draw");
    offer.download_bytes = static_cast<std::uint64_t>(members.number("download_bytes"));
    THIMBLE_TRY(offer.origins, read_all<model::OfferOrigin>(members.array("origins"), read_origin));
    THIMBLE_TRY(offer.blockers, read_all<model::Blocker>(members.array("blockers"), read_blocker));
    THIMBLE_TRY(members.done());
    return offer;
}

Result<model::ChangelogEvidence> read_evidence(const json::value& value) {
    Members members(value);
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

Result<model::PackageIndex> read_index(const json::value& value) {
    Members members(value);
    model::PackageIndex index;
    index.asked = members.boolean("asked");
    index.problems = members.texts("problems");
    const std::string refreshed_at = members.text_or_null("refreshed_at");
    THIMBLE_TRY(members.done());
    if (!refreshed_at.empty()) {
        THIMBLE_TRY(index.refreshed_at, parse_instant(refreshed_at));
    }
    return index;
}

Result<json::value> parse_json(std::string_view text) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 8;
    json::value value = json::parse(text, error, {}, options);
    if (error) {
        return bad_answer(error.message());
    }
    return value;
}

}  // namespace

Result<AptAnswer> parse_apt_answer(std::string_view text) {
    THIMBLE_TRY(const json::value document, parse_json(text));
    Members members(document);
    if (members.number("format") != 1) {
        members.reject("format");
    }
    AptAnswer answer;
    THIMBLE_TRY(answer.index, read_index(members.member("index")));
    THIMBLE_TRY(answer.offers, read_all<model::Offer>(members.array("offers"), read_offer));
    THIMBLE_TRY(
        answer.changelogs,
        read_all<model::ChangelogEvidence>(members.array("changelogs"), read_evidence));
    THIMBLE_TRY(answer.gaps, read_all<model::Gap>(members.array("gaps"), read_gap));
    THIMBLE_TRY(members.done());
    return answer;
}

Result<model::ChangelogEvidence> parse_changelog_evidence(std::string_view text) {
    THIMBLE_TRY(const json::value document, parse_json(text));
    return read_evidence(document);
}

}  // namespace thimble::inventory

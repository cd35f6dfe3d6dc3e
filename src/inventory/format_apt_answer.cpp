#include "thimble/base/instant.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/inventory/apt_answer.hpp"
#include "thimble/model/blocker_names.hpp"
#include "thimble/model/inventory.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::inventory {
namespace {

void write_number(JsonWriter& json, JsonKey name, std::optional<std::uint32_t> value) {
    json.key(name);
    value ? json.number(*value) : json.null();
}

void write_origin(JsonWriter& json, const model::OfferOrigin& origin) {
    json.open_object()
        .member("origin", origin.origin)
        .member("label", origin.label)
        .member("archive", origin.archive)
        .member("codename", origin.codename)
        .member("component", origin.component)
        .member("site", origin.site)
        .key("trusted")
        .boolean(origin.trusted)
        .close_object();
}

void write_offer(JsonWriter& json, const model::Offer& offer) {
    json.open_object()
        .member("name", offer.name)
        .member("architecture", offer.architecture)
        .member("installed_version", offer.installed_version)
        .member("candidate_version", offer.candidate_version)
        .member("source_name", offer.source_name)
        .member("source_version", offer.source_version);
    json.key("origins").open_array();
    for (const model::OfferOrigin& origin : offer.origins) {
        write_origin(json, origin);
    }
    json.close_array();
    json.key("security").boolean(offer.security).key("in_upgrade").boolean(offer.in_upgrade);
    write_number(json, "phased_percentage", offer.phased_percentage);
    write_number(json, "phase_draw", offer.phase_draw);
    json.key("blockers").open_array();
    for (const model::Blocker& blocker : offer.blockers) {
        json.open_object()
            .member("kind", model::blocker_name(blocker.kind))
            .member("detail", blocker.detail)
            .close_object();
    }
    json.close_array();
    json.key("download_bytes").number(static_cast<std::int64_t>(offer.download_bytes));
    json.key("growth_bytes").number(offer.growth_bytes);
    json.close_object();
}

void write_evidence(JsonWriter& json, const model::ChangelogEvidence& evidence) {
    json.open_object()
        .member("source_name", evidence.source_name)
        .member("from_version", evidence.from_version)
        .member("to_version", evidence.to_version);
    json.member("vulnerabilities", evidence.vulnerabilities);
    json.member("urgency", evidence.urgency);
    json.member("news", evidence.news);
    json.member("read_from", evidence.read_from).close_object();
}

void write_index(JsonWriter& json, const model::PackageIndex& index) {
    json.open_object().key("asked").boolean(index.asked);
    json.member_or_null(
        "refreshed_at", index.refreshed_at ? format_instant(*index.refreshed_at) : std::string());
    json.member("problems", index.problems).key("archives");
    if (index.archives) {
        json.open_array();
        for (const model::OfferOrigin& archive : *index.archives) {
            write_origin(json, archive);
        }
        json.close_array();
    } else {
        json.null();
    }
    json.key("unfetched").open_array();
    for (const model::UnfetchedArchive& archive : index.unfetched) {
        json.open_object().member("uri", archive.uri).member("suite", archive.suite).close_object();
    }
    json.close_array().close_object();
}

}  // namespace

std::string format_apt_answer(const AptAnswer& answer) {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("format").number(1).key("index");
    write_index(json, answer.index);
    json.key("offers").open_array();
    for (const model::Offer& offer : answer.offers) {
        write_offer(json, offer);
    }
    json.close_array().key("changelogs").open_array();
    for (const model::ChangelogEvidence& evidence : answer.changelogs) {
        write_evidence(json, evidence);
    }
    json.close_array().key("gaps").open_array();
    for (const model::Gap& gap : answer.gaps) {
        json.open_object()
            .member("code", gap.code)
            .member("detail", gap.detail)
            .member("next", gap.next)
            .close_object();
    }
    json.close_array().close_object();
    return text;
}

std::string format_changelog_evidence(const model::ChangelogEvidence& evidence) {
    std::string text;
    JsonWriter json(text);
    write_evidence(json, evidence);
    return text;
}

}  // namespace thimble::inventory

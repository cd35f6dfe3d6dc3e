#include "thimble/model/frozen_set.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/model/version_order.hpp"

#include <algorithm>
#include <cstddef>

namespace thimble::model {
namespace {

/// A removal brings no version; whether it may be is the plan's own policy.
bool brings_a_version(const PlannedStep& step) {
    return step.change != PlannedChange::Remove;
}

using Sources = std::map<std::string, FrozenSource>;

/// Whether a host is known to have a version of a source, or a later one.
bool has_at_least(const LeftOut& one, const std::string& version) {
    if (one.installed == version) {
        return true;
    }
    const VersionOrder* order = version_order_named(one.type);
    return order != nullptr && order->check(one.installed) && order->check(version)
        && order->compare(one.installed, version) >= 0;
}

std::string behind_words(const LeftOut& one, const std::string& version) {
    const std::string wanted = one.source + " " + version;
    return one.installed.empty()
        ? wanted + " is to be installed, and the host does not tell which version it has"
        : wanted + " is not in the host's repositories, and " + one.installed + " is installed";
}

Error bad_set() {
    return failure(ErrorKind::Corrupt, "model.bad_set", "the frozen set cannot be read");
}

void write_part(JsonWriter& json, const Sources& sources) {
    json.open_object();
    for (const auto& source : sources) {
        json.key(source.first).open_object().member("version", source.second.version);
        json.key("selected").boolean(source.second.is_selected).close_object();
    }
    json.close_object();
}

/// A part as it was read. clang 19 must have met a whole value before it meets the members of an object.
Result<JsonValue> document_of(std::string_view text) {
    THIMBLE_TRY(JsonValue document, parse_json(text));
    return document;
}

Result<Sources> read_part(const JsonValue& part) {
    const auto* by_name = std::get_if<JsonValue::Object>(&part.value);
    if (by_name == nullptr) {
        return bad_set();
    }
    Sources sources;
    for (const auto& source : *by_name) {
        JsonMembers members(source.second);
        FrozenSource read{members.text("version"), members.boolean("selected")};
        THIMBLE_TRY(members.done());
        sources.emplace(source.first, std::move(read));
    }
    return sources;
}

}  // namespace

void FrozenSet::add(const std::string& system, const Plan& plan) {
    auto& sources = systems_[system];
    for (const PlannedStep& step : plan.steps) {
        if (brings_a_version(step)) {
            FrozenSource& source =
                sources.try_emplace(step.source_name, FrozenSource{step.source_version, false})
                    .first->second;
            source.is_selected |= step.selected && source.version == step.source_version;
        }
    }
}

std::string FrozenSet::why_outside(const std::string& system, const Plan& plan) const {
    const auto sources = systems_.find(system);
    if (sources == systems_.end()) {
        return "no host of the first ring that misses something runs " + system
            + ", so nothing was tried on one";
    }
    for (const PlannedStep& step : plan.steps) {
        if (!brings_a_version(step)) {
            continue;
        }
        const auto source = sources->second.find(step.source_name);
        if (source == sources->second.end()) {
            return "it would bring " + step.source_name + " " + step.source_version
                + ", which no host of the first ring has";
        }
        if (source->second.version != step.source_version) {
            return "it would bring " + step.source_name + " " + step.source_version
                + ", the first ring had " + source->second.version;
        }
    }
    return "";
}

std::string FrozenSet::why_behind(
    const std::string& system,
    const std::vector<LeftOut>& left_out,
    const std::vector<std::string>& excluded) const {
    const auto sources = systems_.find(system);
    if (sources == systems_.end()) {
        return "";
    }
    std::string first;
    std::size_t behind = 0;
    for (const LeftOut& one : left_out) {
        const auto source = sources->second.find(one.source);
        const bool is_wanted = one.code == "nothing_newer" && source != sources->second.end()
            && std::ranges::find(excluded, one.source) == excluded.end();
        if (is_wanted && !has_at_least(one, source->second.version) && behind++ == 0) {
            first = behind_words(one, source->second.version);
        }
    }
    return behind > 1 ? first + " (and " + std::to_string(behind - 1) + " more)" : first;
}

bool FrozenSet::has(const std::string& system, const std::string& source) const {
    const auto sources = systems_.find(system);
    return sources != systems_.end() && sources->second.contains(source);
}

PlanSelection FrozenSet::selection_for(
    const std::string& system, const PlanSelection& wanted) const {
    PlanSelection selection;
    selection.security = false;
    selection.excluded = wanted.excluded;
    selection.level = wanted.level;
    if (const auto sources = systems_.find(system); sources != systems_.end()) {
        for (const auto& source : sources->second) {
            if (source.second.is_selected) {
                selection.packages.push_back(source.first);
            }
        }
    }
    return selection;
}

std::string FrozenSet::json() const {
    std::string text;
    JsonWriter json(text);
    json.open_object().key("systems").open_object();
    for (const auto& system : systems_) {
        json.key(system.first);
        write_part(json, system.second);
    }
    json.close_object().close_object();
    return text;
}

std::string FrozenSet::part(const std::string& system) const {
    const auto sources = systems_.find(system);
    std::string text;
    JsonWriter json(text);
    write_part(json, sources == systems_.end() ? Sources() : sources->second);
    return text;
}

std::map<std::string, std::string> FrozenSet::part_digests() const {
    std::map<std::string, std::string> digests;
    for (const auto& system : systems_) {
        digests.emplace(system.first, sha256_of(part(system.first)));
    }
    return digests;
}

std::string FrozenSet::digest() const {
    return digest_of_parts(part_digests());
}

std::string digest_of_parts(const std::map<std::string, std::string>& digests) {
    std::string text;
    JsonWriter json(text);
    json.open_object();
    for (const auto& part : digests) {
        json.member(part.first, part.second);
    }
    json.close_object();
    return sha256_of(text);
}

Result<FrozenSet> FrozenSet::parse(std::string_view text) {
    THIMBLE_TRY(const JsonValue document, document_of(text));
    const JsonValue* systems = member_of(document, "systems");
    const auto* by_name =
        systems == nullptr ? nullptr : std::get_if<JsonValue::Object>(&systems->value);
    if (by_name == nullptr) {
        return bad_set();
    }
    FrozenSet set;
    for (const auto& system : *by_name) {
        THIMBLE_TRY(set.systems_[system.first], read_part(system.second));
    }
    return set;
}

Result<FrozenSet> FrozenSet::of_part(const std::string& system, std::string_view part) {
    THIMBLE_TRY(const JsonValue document, document_of(part));
    FrozenSet set;
    THIMBLE_TRY(set.systems_[system], read_part(document));
    return set;
}

}  // namespace thimble::model

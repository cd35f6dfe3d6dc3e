#include "thimble/rollout/frozen_set.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"

namespace thimble::rollout {
namespace {

/// A removal brings no version; whether it may be is the plan's own policy.
bool brings_a_version(const model::PlannedStep& step) {
    return step.change != model::PlannedChange::Remove;
}

}  // namespace

void FrozenSet::add(const std::string& system, const model::Plan& plan) {
    auto& sources = systems_[system];
    for (const model::PlannedStep& step : plan.steps) {
        if (brings_a_version(step)) {
            FrozenSource& source =
                sources.try_emplace(step.source_name, FrozenSource{step.source_version, false})
                    .first->second;
            source.is_selected |= step.selected && source.version == step.source_version;
        }
    }
}

std::string FrozenSet::why_outside(const std::string& system, const model::Plan& plan) const {
    const auto sources = systems_.find(system);
    if (sources == systems_.end()) {
        return "no host of the first ring runs " + system + ", so nothing was tried on one";
    }
    for (const model::PlannedStep& step : plan.steps) {
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

model::PlanSelection FrozenSet::selection_for(
    const std::string& system, const model::PlanSelection& wanted) const {
    model::PlanSelection selection;
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
        json.key(system.first).open_object();
        for (const auto& source : system.second) {
            json.key(source.first).open_object().member("version", source.second.version);
            json.key("selected").boolean(source.second.is_selected).close_object();
        }
        json.close_object();
    }
    json.close_object().close_object();
    return text;
}

std::string FrozenSet::digest() const {
    return sha256_of(json());
}

Result<FrozenSet> FrozenSet::parse(std::string_view text) {
    const auto bad = [] {
        return failure(ErrorKind::Corrupt, "rollout.bad_set", "the frozen set cannot be read");
    };
    THIMBLE_TRY(const JsonValue document, parse_json(text));
    const JsonValue* systems = member_of(document, "systems");
    const auto* by_name =
        systems == nullptr ? nullptr : std::get_if<JsonValue::Object>(&systems->value);
    if (by_name == nullptr) {
        return bad();
    }
    FrozenSet set;
    for (const auto& system : *by_name) {
        const auto* sources = std::get_if<JsonValue::Object>(&system.second.value);
        if (sources == nullptr) {
            return bad();
        }
        auto& kept = set.systems_[system.first];
        for (const auto& source : *sources) {
            JsonMembers members(source.second);
            FrozenSource read{members.text("version"), members.boolean("selected")};
            THIMBLE_TRY(members.done());
            kept.emplace(source.first, std::move(read));
        }
    }
    return set;
}

}  // namespace thimble::rollout

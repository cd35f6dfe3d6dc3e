#include "thimble/base/json_writer.hpp"
#include "thimble/mitigate/parse_virtual_patch.hpp"

namespace thimble::mitigate {
namespace {

std::string place_of(const AttackTarget& target) {
    const bool is_named = !target.name.empty();
    const std::string name = is_named ? " " + target.name : "";
    switch (target.part) {
        case RequestPart::Path: return "path";
        case RequestPart::Arguments: return is_named ? "argument" + name : "arguments";
        case RequestPart::Headers: return is_named ? "header" + name : "headers";
        case RequestPart::Cookies: return is_named ? "cookie" + name : "cookies";
        case RequestPart::Body: return "body";
    }
    return {};
}

void write_unless_empty(JsonWriter& json, JsonKey key, const std::string& text) {
    if (!text.empty()) {
        json.member(key, text);
    }
}

void write_place(JsonWriter& json, const VirtualPatch& patch) {
    switch (patch.path_match) {
        case PathMatch::Any: break;
        case PathMatch::Exact: json.member("path", patch.path); break;
        case PathMatch::Prefix: json.member("path_prefix", patch.path); break;
        case PathMatch::Pattern: json.member("path_pattern", patch.path); break;
    }
}

void write_samples(JsonWriter& json, JsonKey key, const std::vector<RequestSample>& samples) {
    json.key(key).open_array();
    for (const RequestSample& sample : samples) {
        json.open_object().member("method", sample.method).member("target", sample.target);
        if (!sample.headers.empty()) {
            json.key("headers").open_array();
            for (const SampleHeader& header : sample.headers) {
                json.text(header.first + ": " + header.second);
            }
            json.close_array();
        }
        write_unless_empty(json, "body", sample.body);
        json.close_object();
    }
    json.close_array();
}

}  // namespace

void write_virtual_patch(JsonWriter& json, const VirtualPatch& patch) {
    json.open_object().member("virtual_patch", patch.name).member("covers", patch.covers);
    if (!patch.methods.empty()) {
        json.member("methods", patch.methods);
    }
    write_place(json, patch);
    json.member("attack", attack_class_name(patch.attack));
    if (!patch.targets.empty()) {
        json.key("in").open_array();
        for (const AttackTarget& target : patch.targets) {
            json.text(place_of(target));
        }
        json.close_array();
    }
    write_unless_empty(json, "pattern", patch.pattern);
    if (patch.limit != 0) {
        json.key("limit").number(patch.limit);
    }
    write_unless_empty(json, "rules", patch.rules);
    json.key("first_id").number(patch.first_id);
    write_samples(json, "attacks", patch.attacks);
    write_samples(json, "benign", patch.benign);
    json.close_object();
}

}  // namespace thimble::mitigate

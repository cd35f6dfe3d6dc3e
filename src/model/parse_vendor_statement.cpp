#include "thimble/base/json_members.hpp"
#include "thimble/model/vendor_statement.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace thimble::model {
namespace {

using Statements = std::vector<VendorStatement>;

Error bad_vex(std::string what) {
    return failure(ErrorKind::Invalid, "model.bad_vex", std::move(what));
}

struct Status {
    std::string_view word;
    std::string_view status;
};
// What CycloneDX and CSAF call the states of OpenVEX.
constexpr std::array kCycloneDxStates{
    Status{"resolved", "fixed"},
    Status{"resolved_with_pedigree", "fixed"},
    Status{"exploitable", "affected"},
    Status{"in_triage", "under_investigation"},
    Status{"false_positive", "not_affected"},
    Status{"not_affected", "not_affected"},
};
constexpr std::array kCsafStates{
    Status{"known_affected", "affected"},
    Status{"known_not_affected", "not_affected"},
    Status{"fixed", "fixed"},
    Status{"under_investigation", "under_investigation"},
};
constexpr std::array<std::string_view, 4> kStates{
    "affected", "not_affected", "fixed", "under_investigation"};

const JsonValue& no_items() {
    static const JsonValue kNone{JsonValue::Array()};
    return kNone;
}

std::string text_at(const JsonValue& value, std::string_view name) {
    const JsonValue* found = member_of(value, name);
    const auto* text = found == nullptr ? nullptr : std::get_if<std::string>(&found->value);
    return text == nullptr ? std::string() : *text;
}

const JsonValue::Array& array_at(const JsonValue& value, std::string_view name) {
    const JsonValue* found = member_of(value, name);
    const auto* array = std::get_if<JsonValue::Array>(found == nullptr ? nullptr : &found->value);
    return array == nullptr ? std::get<JsonValue::Array>(no_items().value) : *array;
}

std::string first_text(const JsonValue& value, std::string_view list, std::string_view name) {
    const JsonValue::Array& array = array_at(value, list);
    return array.empty() ? std::string() : text_at(array.front(), name);
}

/// A vulnerability of OpenVEX is an object with a name; before 0.2.0 it was a text.
std::string openvex_vulnerability(const JsonValue& statement) {
    const JsonValue* found = member_of(statement, "vulnerability");
    const std::string name = found == nullptr ? std::string() : text_at(*found, "name");
    return name.empty() ? text_at(statement, "vulnerability") : name;
}

Statements openvex_statements(const JsonValue& document) {
    Statements statements;
    for (const JsonValue& item : array_at(document, "statements")) {
        std::string says = text_at(item, "impact_statement");
        says = says.empty() ? text_at(item, "action_statement") : says;
        statements.push_back(
            {openvex_vulnerability(item),
             text_at(item, "status"),
             text_at(item, "justification"),
             std::move(says)});
    }
    return statements;
}

Statements csaf_statements(const JsonValue& document) {
    Statements statements;
    for (const JsonValue& item : array_at(document, "vulnerabilities")) {
        std::string id = text_at(item, "cve");
        id = id.empty() ? first_text(item, "ids", "text") : id;
        const JsonValue* states = member_of(item, "product_status");
        for (const Status& state : kCsafStates) {
            if (states == nullptr || array_at(*states, state.word).empty()) {
                continue;
            }
            const bool is_not_affected = state.status == "not_affected";
            std::string says = is_not_affected ? first_text(item, "threats", "details")
                                               : first_text(item, "remediations", "details");
            statements.push_back(
                {id,
                 std::string(state.status),
                 is_not_affected ? first_text(item, "flags", "label") : std::string(),
                 std::move(says)});
        }
    }
    return statements;
}

Statements cyclonedx_statements(const JsonValue& document) {
    Statements statements;
    for (const JsonValue& item : array_at(document, "vulnerabilities")) {
        const JsonValue* analysis = member_of(item, "analysis");
        if (analysis == nullptr) {
            continue;  // a list of vulnerabilities without a word about them
        }
        const auto* const state =
            std::ranges::find(kCycloneDxStates, text_at(*analysis, "state"), &Status::word);
        statements.push_back(
            {text_at(item, "id"),
             state == kCycloneDxStates.end() ? std::string() : std::string(state->status),
             text_at(*analysis, "justification"),
             text_at(*analysis, "detail")});
    }
    return statements;
}

VendorDocument read_document(const JsonValue& json) {
    if (text_at(json, "@context").starts_with("https://openvex.dev/ns")) {
        return {"OpenVEX", text_at(json, "author"), openvex_statements(json)};
    }
    if (text_at(json, "bomFormat") == "CycloneDX") {
        const JsonValue* metadata = member_of(json, "metadata");
        const JsonValue* supplier =
            metadata == nullptr ? nullptr : member_of(*metadata, "supplier");
        return {
            "CycloneDX",
            supplier == nullptr ? std::string() : text_at(*supplier, "name"),
            cyclonedx_statements(json)};
    }
    const JsonValue* about = member_of(json, "document");
    if (about != nullptr && text_at(*about, "category") == "csaf_vex") {
        const JsonValue* publisher = member_of(*about, "publisher");
        return {
            "CSAF",
            publisher == nullptr ? std::string() : text_at(*publisher, "name"),
            csaf_statements(json)};
    }
    return {};
}

}  // namespace

Result<VendorDocument> parse_vendor_document(std::string_view text) {
    if (text.size() > kMaxVendorDocumentBytes) {
        return bad_vex("it is larger than 2 MiB");
    }
    const auto json = parse_json(text);
    if (!json) {
        return bad_vex("it is not JSON");
    }
    VendorDocument document = read_document(*json);
    if (document.format.empty()) {
        return bad_vex("it is neither OpenVEX, CSAF VEX nor CycloneDX");
    }
    if (document.statements.size() > kMostVendorStatements) {
        return bad_vex("it has more than 10000 statements");
    }
    const auto is_statement = [](const VendorStatement& statement) {
        return !statement.vulnerability.empty()
            && std::ranges::find(kStates, statement.status) != kStates.end();
    };
    if (document.statements.empty() || !std::ranges::all_of(document.statements, is_statement)) {
        return bad_vex("it has no statement, or one without a vulnerability or a known status");
    }
    return document;
}

std::string sentence_of(const VendorDocument& document, const VendorStatement& statement) {
    std::string text = document.format
        + (document.author.empty() ? ": " : " of " + document.author + ": ")
        + statement.vulnerability + " " + statement.status;
    if (!statement.justification.empty()) {
        text += " (" + statement.justification + ")";
    }
    return statement.says.empty() ? text : text + ": " + statement.says;
}

}  // namespace thimble::model

#include "thimble/report/exception_vex.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/report/content_digest.hpp"
#include "thimble/report/percent_encoding.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace thimble::report {
namespace {

using Statements = std::span<const ExceptionStatement>;

constexpr std::array<std::string_view, 3> kFormats{"openvex", "csaf", "cyclonedx"};

std::string document_id() {
    return "urn:uuid:" + std::string(kUnnamedUuid);
}

std::string host_id(const ExceptedPackage& package) {
    return "urn:thimble:host:" + percent_encoded(package.host_id);
}

/// One name for a package of a host.
std::string product_id(const ExceptedPackage& package) {
    return host_id(package) + ":" + percent_encoded(package.source) + "@"
        + percent_encoded(package.version);
}

std::string sentence_of(const ExceptionStatement& statement) {
    return (statement.has_fix ? "Not patched until " : "There is no fix; left as it is until ")
        + format_date(statement.until) + " (" + statement.reason + "): " + statement.why + "."
        + (statement.controls.empty() ? "" : " Meant to shield it: " + statement.controls + ".");
}

std::set<ExceptedPackage> packages_of(Statements statements) {
    std::set<ExceptedPackage> all;
    for (const ExceptionStatement& statement : statements) {
        all.insert(statement.packages.begin(), statement.packages.end());
    }
    return all;
}

void write_openvex(JsonWriter& json, Statements statements, std::string_view author, Instant now) {
    json.open_object().member("@context", "https://openvex.dev/ns/v0.2.0");
    json.member("@id", document_id()).member("author", author);
    json.member("timestamp", format_instant(now)).key("version").number(1);
    json.member("tooling", "Thimble").key("statements").open_array();
    for (const ExceptionStatement& statement : statements) {
        json.open_object().key("vulnerability").open_object();
        json.member("name", statement.vulnerability).close_object();
        json.member("timestamp", format_instant(statement.agreed_at));
        json.key("products").open_array();
        for (const ExceptedPackage& package : statement.packages) {
            json.open_object().member("@id", host_id(package)).key("subcomponents").open_array();
            json.open_object().member("@id", package.purl);
            json.key("identifiers").open_object().member("purl", package.purl).close_object();
            json.close_object();
            json.close_array().close_object();
        }
        json.close_array().member("status", "affected");
        json.member("action_statement", sentence_of(statement));
        json.member("status_notes", "exception " + statement.exception).close_object();
    }
    json.close_array().close_object();
}

void write_tracking(JsonWriter& json, Instant now) {
    const std::string at = format_instant(now);
    json.key("tracking").open_object().member("id", document_id()).member("status", "interim");
    json.member("version", "1").member("initial_release_date", at);
    json.member("current_release_date", at).key("revision_history").open_array();
    json.open_object().member("date", at).member("number", "1").member("summary", "As of then");
    json.close_object().close_array().close_object();
}

void write_product_ids(JsonWriter& json, const std::set<ExceptedPackage>& packages) {
    json.open_array();
    for (const ExceptedPackage& package : packages) {
        json.text(product_id(package));
    }
    json.close_array();
}

std::string_view remediation_of(const ExceptionStatement& statement) {
    if (!statement.controls.empty()) {
        return "mitigation";
    }
    return statement.has_fix ? "vendor_fix" : "none_available";
}

void write_product_tree(JsonWriter& json, Statements statements) {
    json.key("product_tree").open_object().key("full_product_names").open_array();
    for (const ExceptedPackage& package : packages_of(statements)) {
        json.open_object().member("product_id", product_id(package));
        json.member("name", package.source + " " + package.version + " on " + package.host);
        json.key("product_identification_helper").open_object();
        json.member("purl", package.purl).close_object().close_object();
    }
    json.close_array().close_object();
}

/// What several exceptions leave open of one vulnerability: CSAF has each once.
void write_csaf_item(JsonWriter& json, Statements statements) {
    const std::string& vulnerability = statements.front().vulnerability;
    json.open_object();
    if (vulnerability.starts_with("CVE-")) {
        json.member("cve", vulnerability);
    } else {
        json.key("ids").open_array().open_object().member("system_name", "id");
        json.member("text", vulnerability).close_object().close_array();
    }
    json.key("notes").open_array();
    for (const ExceptionStatement& statement : statements) {
        json.open_object().member("category", "details");
        json.member("text", "exception " + statement.exception).close_object();
    }
    json.close_array().key("product_status").open_object().key("known_affected");
    write_product_ids(json, packages_of(statements));
    json.close_object().key("remediations").open_array();
    for (const ExceptionStatement& statement : statements) {
        json.open_object().member("category", remediation_of(statement));
        json.member("details", sentence_of(statement)).key("product_ids");
        write_product_ids(json, packages_of({&statement, 1}));
        json.close_object();
    }
    json.close_array().close_object();
}

void write_csaf(JsonWriter& json, Statements statements, std::string_view author, Instant now) {
    json.open_object().key("document").open_object();
    json.member("category", "csaf_vex").member("csaf_version", "2.0");
    json.member("title", "Patches that are missing by exception").key("publisher").open_object();
    json.member("category", "user").member("name", author);
    json.member("namespace", "https://" + percent_encoded(author)).close_object();
    write_tracking(json, now);
    json.close_object();
    write_product_tree(json, statements);
    std::vector<ExceptionStatement> sorted(statements.begin(), statements.end());
    std::ranges::stable_sort(sorted, {}, &ExceptionStatement::vulnerability);
    json.key("vulnerabilities").open_array();
    for (auto first = sorted.begin(); first != sorted.end();) {
        const auto last = std::ranges::find_if(first, sorted.end(), [&](const auto& statement) {
            return statement.vulnerability != first->vulnerability;
        });
        write_csaf_item(json, {first, last});
        first = last;
    }
    json.close_array().close_object();
}

void write_cyclonedx(
    JsonWriter& json, Statements statements, std::string_view author, Instant now) {
    json.open_object().member("bomFormat", "CycloneDX").member("specVersion", "1.6");
    json.member("serialNumber", document_id()).key("version").number(1);
    json.key("metadata").open_object().member("timestamp", format_instant(now));
    json.key("authors").open_array().open_object().member("name", author).close_object();
    json.close_array().close_object().key("components").open_array();
    for (const ExceptedPackage& package : packages_of(statements)) {
        json.open_object().member("type", "application").member("bom-ref", product_id(package));
        json.member("group", package.host).member("name", package.source);
        json.member("version", package.version).member("purl", package.purl).close_object();
    }
    json.close_array().key("vulnerabilities").open_array();
    for (const ExceptionStatement& statement : statements) {
        json.open_object().member("id", statement.vulnerability);
        json.key("analysis").open_object().member("state", "exploitable");
        json.key("response").open_array();
        json.text(statement.controls.empty() ? "can_not_fix" : "workaround_available");
        json.close_array().member("detail", sentence_of(statement)).close_object();
        json.key("affects").open_array();
        for (const ExceptedPackage& package : statement.packages) {
            json.open_object().member("ref", product_id(package)).close_object();
        }
        json.close_array().close_object();
    }
    json.close_array().close_object();
}

}  // namespace

std::optional<VexFormat> vex_format_named(std::string_view name) {
    const auto* const at = std::ranges::find(kFormats, name);
    return at == kFormats.end() ? std::nullopt
                                : std::optional(static_cast<VexFormat>(at - kFormats.begin()));
}

std::string exception_vex(
    VexFormat format, Statements statements, std::string_view author, Instant now) {
    std::string text;
    JsonWriter json(text);
    switch (format) {
        case VexFormat::OpenVex: write_openvex(json, statements, author, now); break;
        case VexFormat::Csaf: write_csaf(json, statements, author, now); break;
        case VexFormat::CycloneDx: write_cyclonedx(json, statements, author, now); break;
    }
    name_document(text, author);
    return text;
}

}  // namespace thimble::report

#include "thimble/cli/scan_arguments.hpp"

#include "thimble/base/shell_word.hpp"
#include "thimble/cli/next_steps.hpp"
#include "thimble/cli/number_bound.hpp"

#include <CLI/CLI.hpp>

#include <string_view>

namespace thimble::cli {
namespace {

Error bad_option(std::string message) {
    return failure(ErrorKind::Invalid, "cli.bad_option", std::move(message));
}

}  // namespace

ScanArguments::ScanArguments(CLI::App& app, ScanOptions& options) : options_(options) {
    auto* root =
        app.add_option("--root", options.root, "Scan a root directory; nothing in it is executed");
    app.add_option(
           "--host", options.host, "Scan over SSH, without an agent: ssh://user@name[:port]")
        ->excludes(root);
    app.add_option(
        "--catalog", options.catalog, "Compiled catalog to use instead of the synced one");
    app.add_option("--state", options.state, "State directory [$THIMBLE_STATE, /var/lib/thimble]");
    app.add_flag("--no-offers", options.no_offers, "Do not ask the package manager what it offers");
    app.add_flag(
        "--all", options.all, "Show every patch, and findings that are fixed or not affected");
    app.add_option(
        "--kernel", options.running_kernel, "Running kernel of a --root: what uname -r says there");
    app.add_option("--exposure", exposure_, "Owner's word on the host: public, dmz or internal");
    app.add_option(
        "--impact", impact_, "Human impact of a failure: low, medium, high or very-high");
    app.add_option(
           "--policy-days", policy_days_, "Owner's policy: every finding is due within N days")
        ->check(within({.least = 1, .most = 3650}));
    app.add_flag(
        "--pci", options.policy.cardholder_data, "Host is in a cardholder data environment");
    app.add_option("--now", now_, "Judge as of this time (RFC 3339), for reproducible output");
}

void ScanArguments::offer_json(CLI::App& app, const std::string& page) {
    app.add_flag("--json", json_, "Print JSON (docs/formats/" + page + ")");
}

void ScanArguments::offer_formats(CLI::App& app) {
    auto* json = app.add_flag("--json", json_, "Print JSON (docs/formats/scan.md)");
    auto* sarif = app.add_flag("--sarif", sarif_, "Print SARIF 2.1.0")->excludes(json);
    auto* csv = app.add_flag("--csv", csv_, "Print CSV, one finding a row")
                    ->excludes(json)
                    ->excludes(sarif);
    auto* openvex = app.add_flag("--openvex", openvex_, "Print OpenVEX")
                        ->excludes(json)
                        ->excludes(sarif)
                        ->excludes(csv);
    app.add_flag("--cyclonedx", cyclonedx_, "Print CycloneDX 1.6 with vulnerabilities")
        ->excludes(json)
        ->excludes(sarif)
        ->excludes(csv)
        ->excludes(openvex);
}

Result<void> ScanArguments::finish() {
    if (!now_.empty()) {
        THIMBLE_TRY(options_.now, parse_instant(now_));
    }
    THIMBLE_TRY(finish_policy());
    options_.format = format();
    options_.repeated = repeated();
    return {};
}

/// Everything that host, data, verdicts and decisions depend on.
std::string ScanArguments::repeated() const {
    std::string words = target_arguments(options_);
    const auto add = [&words](std::string_view option, const std::string& value) {
        words +=
            value.empty() ? std::string() : ' ' + std::string(option) + ' ' + shell_word(value);
    };
    words += options_.no_offers ? " --no-offers" : "";
    add("--kernel", options_.running_kernel);
    add("--exposure", exposure_);
    add("--impact", impact_);
    add("--policy-days", policy_days_ > 0 ? std::to_string(policy_days_) : "");
    words += options_.policy.cardholder_data ? " --pci" : "";
    add("--now", now_);
    return words;
}

ScanFormat ScanArguments::format() const {
    if (json_) {
        return ScanFormat::Json;
    }
    if (sarif_) {
        return ScanFormat::Sarif;
    }
    if (csv_) {
        return ScanFormat::Csv;
    }
    if (openvex_) {
        return ScanFormat::OpenVex;
    }
    return cyclonedx_ ? ScanFormat::CycloneDx : ScanFormat::Table;
}

Result<void> ScanArguments::finish_policy() {
    using prioritize::OwnerExposure;
    prioritize::PriorityPolicy& policy = options_.policy;
    if (exposure_ == "public") {
        policy.exposure = OwnerExposure::Public;
    } else if (exposure_ == "dmz") {
        policy.exposure = OwnerExposure::Dmz;
    } else if (exposure_ == "internal") {
        policy.exposure = OwnerExposure::Internal;
    } else if (!exposure_.empty()) {
        return bad_option("--exposure is public, dmz or internal, not \"" + exposure_ + "\"");
    }
    policy.human_impact_said = !impact_.empty();
    if (impact_ == "low") {
        policy.human_impact = model::HumanImpact::Low;
    } else if (impact_ == "high") {
        policy.human_impact = model::HumanImpact::High;
    } else if (impact_ == "very-high") {
        policy.human_impact = model::HumanImpact::VeryHigh;
    } else if (!impact_.empty() && impact_ != "medium") {
        return bad_option("--impact is low, medium, high or very-high, not \"" + impact_ + "\"");
    }
    if (policy_days_ > 0) {
        policy.policy_deadline = Days{policy_days_};
    }
    return {};
}

}  // namespace thimble::cli

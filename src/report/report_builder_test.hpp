#pragma once
/// @file Scan reports in a few words, for tests.

#include "thimble/report/scan_report.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace thimble::report {

inline Instant on(std::string_view date) {
    return *parse_instant(date);
}

/// A scan of one Debian 12 host, assembled finding by finding. Every finding has a decision of its
/// own. The report that `report()` gives refers to the builder.
class AScan {
public:
    AScan() {
        inventory_.host = "web1";
        inventory_.taken_at = now_;
        inventory_.os = {"debian", "12", "bookworm", "Debian GNU/Linux 12 (bookworm)", {}};
        inventory_.architecture = "amd64";
        assessment_.vulnerabilities.emplace_back();
    }
    AScan(const AScan&) = delete;
    AScan& operator=(const AScan&) = delete;
    AScan(AScan&&) = delete;
    AScan& operator=(AScan&&) = delete;
    ~AScan() = default;

    AScan& has(std::string name, std::string version) {
        model::InstalledPackage package;
        package.type = "deb";
        package.name = package.source_name = std::move(name);
        package.version = package.source_version = std::move(version);
        package.architecture = "amd64";
        inventory_.packages.push_back(std::move(package));
        return *this;
    }
    /// About the package added last; an empty id is "no particular vulnerability".
    AScan& with(const std::string& vulnerability, model::FindingStatus status) {
        model::Finding finding;
        finding.vulnerability = number_of(vulnerability);
        finding.package = static_cast<std::uint32_t>(inventory_.packages.size() - 1);
        finding.status = status;
        assessment_.findings.push_back(std::move(finding));
        work_.decision_of_finding.push_back(static_cast<std::uint32_t>(work_.decisions.size()));
        work_.decisions.emplace_back();
        work_.due_of_finding.push_back({{}, "BOD 26-04 row 0"});
        return *this;
    }
    AScan& fixed_in(std::string version) {
        finding().fixed_version = std::move(version);
        return *this;
    }
    AScan& because_of(std::string reason) {
        finding().reason = std::move(reason);
        return *this;
    }
    AScan& due(std::string_view date) {
        work_.due_of_finding.back().due = on(date);
        return *this;
    }
    AScan& judged_on(std::string_view date) {
        now_ = on(date);
        inventory_.taken_at = now_;
        return *this;
    }
    AScan& gap(std::string code, std::string detail, std::string next = "") {
        assessment_.gaps.push_back({std::move(code), std::move(detail), std::move(next)});
        return *this;
    }
    AScan& checked_against(std::string feed, std::string_view date, std::uint64_t records) {
        built_at_ = now_;
        feeds_.push_back({std::move(feed), on(date), records, 0, false});
        return *this;
    }
    /// A patch of the package added last.
    model::Patch& patch(std::string to_version) {
        return patch_of(inventory_.packages.size() - 1, std::move(to_version));
    }
    model::Patch& patch_of(std::size_t number, std::string to_version) {
        const model::InstalledPackage& package = inventory_.packages.at(number);
        model::Patch patch;
        patch.source = package.source_name;
        patch.from_version = package.source_version;
        patch.to_version = std::move(to_version);
        patch.packages = {static_cast<std::uint32_t>(number)};
        patch.offered = patch.security = true;
        work_.patches.push_back(std::move(patch));
        return work_.patches.back();
    }

    model::Inventory& inventory() { return inventory_; }
    model::InstalledPackage& package() { return inventory_.packages.back(); }
    model::Finding& finding() { return assessment_.findings.back(); }
    model::Decision& decision() { return work_.decisions.back(); }
    model::OrderOfWork& work() { return work_; }
    std::vector<FeedState>& feeds() { return feeds_; }
    model::VulnerabilityFacts& facts(const std::string& id) {
        return assessment_.vulnerabilities[number_of(id)];
    }
    [[nodiscard]] ScanReport report() const {
        return {inventory_, assessment_, work_, feeds_, built_at_, now_};
    }

private:
    std::uint32_t number_of(const std::string& id) {
        std::uint32_t number = 0;
        for (const model::VulnerabilityFacts& facts : assessment_.vulnerabilities) {
            if (facts.id == id) {
                return number;
            }
            ++number;
        }
        assessment_.vulnerabilities.emplace_back().id = id;
        return number;
    }

    Instant now_ = on("2026-11-23");
    model::Inventory inventory_;
    model::Assessment assessment_;
    model::OrderOfWork work_;
    std::vector<FeedState> feeds_;
    std::optional<Instant> built_at_;
};

/// curl with an exploited vulnerability that is due, one without a fix, and a package nobody knows.
inline void fill(AScan& scan) {
    scan.has("curl", "7.88.1-10+deb12u3")
        .with("CVE-2023-38545", model::FindingStatus::AffectedFixAvailable);
    scan.fixed_in("7.88.1-10+deb12u4").due("2026-11-20");
    scan.decision().outcome = model::SsvcOutcome::Immediate;
    scan.decision().kev = scan.decision().public_poc = true;
    model::VulnerabilityFacts& facts = scan.facts("CVE-2023-38545");
    facts.summary = "SOCKS5 heap buffer overflow";
    facts.cvss = {31, 98, model::Severity::Critical};
    facts.cvss_vectors = {"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"};
    facts.epss = model::EpssScore{264'560, 960'000, on("2026-11-22"), "v2025.03.14"};
    facts.kev = model::KevEntry{on("2026-11-06"), on("2026-11-20"), "curl", true};
    facts.exploits = {{"exploitdb", "51000"}};
    scan.with("CVE-2024-0001", model::FindingStatus::AffectedNoFix).because_of("postponed");
    scan.has("bar", "1.0")
        .with("", model::FindingStatus::Unknown)
        .because_of("third_party_package");
    scan.gap("assess.stale_feed", "feed osv is old", "thimble feeds sync osv");
}

}  // namespace thimble::report

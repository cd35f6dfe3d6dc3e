#include "thimble/cli/explained.hpp"

#include "thimble/assess/changelog_evidence.hpp"
#include "thimble/assess/vulnerability_list.hpp"
#include "thimble/base/utf8.hpp"
#include "thimble/cli/exit_status.hpp"
#include "thimble/model/finding.hpp"
#include "thimble/model/package_name.hpp"
#include "thimble/model/vulnerability_id.hpp"
#include "thimble/prioritize/order_of_work.hpp"
#include "thimble/prioritize/patch_gathering.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace thimble::cli {
namespace {

const std::string& vulnerability_of(const Scan& scan, std::size_t finding) {
    return scan.assessment.vulnerabilities[scan.assessment.findings[finding].vulnerability].id;
}

bool is_open(const Scan& scan, std::size_t finding) {
    return model::is_open(scan.assessment.findings[finding].status);
}

std::vector<std::size_t> findings_of(const Scan& scan, const std::string& subject) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < scan.assessment.findings.size(); ++i) {
        const model::InstalledPackage& package =
            scan.inventory.packages[scan.assessment.findings[i].package];
        if (vulnerability_of(scan, i) == subject || package.name == subject
            || package.source_name == subject
            || (subject == "linux" && package.name.starts_with("linux-image-"))) {
            found.push_back(i);
        }
    }
    // Open ones first, most urgent first: they are what somebody asks for.
    const auto closed = std::stable_partition(
        found.begin(), found.end(), [&scan](std::size_t index) { return is_open(scan, index); });
    const auto decision_of = [&scan](std::size_t index) -> const model::Decision& {
        return scan.work.decisions[scan.work.decision_of_finding[index]];
    };
    std::stable_sort(found.begin(), closed, [&](std::size_t left, std::size_t right) {
        return prioritize::comes_before(decision_of(left), decision_of(right));
    });
    return found;
}

bool closes(const Scan& scan, const model::Patch& patch, const std::string& vulnerability) {
    return std::ranges::any_of(patch.vulnerabilities, [&](std::uint32_t one) {
        return scan.assessment.vulnerabilities[one].id == vulnerability;
    });
}

/// As plans name it.
void use_binary_versions(const model::Inventory& inventory, model::Patch& update) {
    const auto offer = std::ranges::find_if(inventory.offers, [&](const model::Offer& one) {
        return model::patch_source(one.name, one.source_name) == update.source;
    });
    if (offer != inventory.offers.end()) {
        update.from_version = offer->installed_version;
        update.to_version = offer->candidate_version;
    }
}

void find_updates(const Scan& scan, const std::set<std::string>& sources, Explained& found) {
    for (model::Patch& update : prioritize::gather_patches(scan.inventory, scan.assessment)) {
        if (!update.security && sources.contains(update.source)) {
            use_binary_versions(scan.inventory, update);
            found.updates.push_back(std::move(update));
        }
    }
}

void find_patches(const Scan& scan, Explained& found) {
    std::set<std::string> sources{found.subject};
    // A package may be of a source with another name, and have a patch without a finding.
    for (const model::InstalledPackage& package : scan.inventory.packages) {
        if (package.name == found.subject) {
            sources.insert(model::patch_source(package.name, package.source_name));
        }
    }
    for (const std::size_t index : found.findings) {
        const model::Finding& finding = scan.assessment.findings[index];
        sources.insert(scan.inventory.packages[finding.package].source_name);
    }
    for (std::size_t i = 0; i < scan.work.patches.size(); ++i) {
        const model::Patch& patch = scan.work.patches[i];
        if (!sources.contains(patch.source)) {
            continue;
        }
        found.has_patch = true;
        if (!found.is_vulnerability || closes(scan, patch, found.subject)) {
            found.patches.push_back(i);
        }
    }
    if (!found.is_vulnerability) {
        find_updates(scan, sources, found);
    }
}

bool is_installed(const Scan& scan, const std::string& subject) {
    return std::ranges::any_of(scan.inventory.packages, [&subject](const auto& package) {
        return package.name == subject || package.source_name == subject;
    });
}

/// What changelogs alone would name is not known as long as nobody has read them.
std::optional<model::Gap> unread_gap(const Scan& scan, const std::string& subject) {
    const std::string unread =
        model::vulnerability_id_of(subject) ? assess::unread_words(scan.inventory) : std::string();
    if (unread.empty()) {
        return std::nullopt;
    }
    const auto& gaps = scan.assessment.gaps;
    const auto gap = std::ranges::find(gaps, "inventory.no_changelog", &model::Gap::code);
    return model::Gap{
        "cli.not_known",
        "it is not known whether a patch closes " + printable(subject) + ": " + unread,
        gap == gaps.end() ? std::string() : gap->next};
}

/// Without a catalog nobody was asked: that nothing was found says nothing.
model::Gap no_catalog_gap(const Scan& scan, const Explained& found) {
    const std::string subject = printable(found.subject);
    std::string words = "whether " + subject + " concerns this host: ";
    if (found.is_installed) {
        words = "whether " + subject + ", which is installed, has a vulnerability: ";
    } else if (!model::vulnerability_id_of(found.subject)) {
        words = "whether " + subject + " is a vulnerability: no such package is installed, and ";
    }
    const auto& gaps = scan.assessment.gaps;
    const auto gap = std::ranges::find(gaps, "assess.no_catalog", &model::Gap::code);
    return {
        "cli.not_known",
        "it is not known " + words + "there is no catalog of advisories to ask",
        gap == gaps.end() ? "thimble feeds sync" : gap->next};
}

void look_elsewhere(const Scan& scan, Explained& found) {
    found.is_installed = is_installed(scan, found.subject);
    if (!scan.catalog) {
        found.not_known = no_catalog_gap(scan, found);
        return;
    }
    if (found.is_installed) {
        return;
    }
    const auto table = scan.catalog->facts_of(found.subject);
    if (const auto* record = table ? table->find(found.subject) : nullptr) {
        found.facts = assess::facts_of_record(*table, *record);
    }
    found.not_known = unread_gap(scan, found.subject);
}

}  // namespace

Explained explained(const Scan& scan, std::string subject) {
    Explained found;
    found.subject = std::move(subject);
    found.findings = findings_of(scan, found.subject);
    found.is_vulnerability =
        !found.findings.empty() && vulnerability_of(scan, found.findings.front()) == found.subject;
    find_patches(scan, found);
    if (found.findings.empty() && !found.has_patch) {
        look_elsewhere(scan, found);
    }
    return found;
}

bool is_known(const Explained& found) {
    return !found.findings.empty() || found.has_patch || found.is_installed || found.facts
        || found.not_known;
}

int explained_status(const Scan& scan, const Explained& found) {
    const auto is_unknown = [&scan](std::size_t index) {
        return scan.assessment.findings[index].status == model::FindingStatus::Unknown;
    };
    const bool is_due = std::ranges::any_of(found.findings, [&](std::size_t index) {
        return is_open(scan, index) && !is_unknown(index);
    });
    // Of a vulnerability its findings tell, whatever else a patch of the same source closes.
    if (is_due || (found.has_patch && !found.is_vulnerability)) {
        return kSomethingDue;
    }
    return found.not_known || std::ranges::any_of(found.findings, is_unknown) ? kCouldNotTell
                                                                              : kNothingDue;
}

}  // namespace thimble::cli

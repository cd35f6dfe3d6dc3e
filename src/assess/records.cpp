#include "thimble/assess/records.hpp"

#include "thimble/assess/host_sections.hpp"
#include "thimble/assess/kernel_package.hpp"
#include "thimble/model/package_name.hpp"

namespace thimble::assess {
namespace {

using catalog::format::Row;
using model::Claim;

std::string claim_text(const catalog::PackageView& package, const Row& row) {
    const std::string_view fix = package.fix(row);
    const std::string below = fix.empty() ? ", no fix" : " below " + std::string(fix);
    switch (static_cast<Claim>(row.claim)) {
        case Claim::Affected: return "affected" + below;
        case Claim::WontFix: return "affected, will not be fixed";
        case Claim::Postponed: return "affected, fix postponed";
        case Claim::EndOfLife: return "end of life" + below;
        case Claim::NotAffected: return "not affected";
        case Claim::UnderInvestigation: return "under investigation";
    }
    return "affected" + below;
}

std::string_view standing_text(const Row& row) {
    if ((row.flags & catalog::format::kWithdrawn) != 0) {
        return "withdrawn";
    }
    if ((row.flags & catalog::format::kUnreadable) != 0) {
        return "cannot be ordered";
    }
    return (row.flags & catalog::format::kSuperseded) != 0 ? "superseded by a stronger voice"
                                                           : "decides";
}

void add_records(
    std::vector<RecordNote>& notes,
    const catalog::Section& section,
    const std::string& key,
    const catalog::PackageView& package,
    std::string_view vulnerability) {
    for (const Row& row : package.rows()) {
        const auto* fact = section.fact(row.fact);
        const auto* advisory = section.advisory(row.advisory);
        if (fact == nullptr || advisory == nullptr || section.facts().id(*fact) != vulnerability) {
            continue;
        }
        RecordNote note;
        note.section = key;
        note.feed = section.text(advisory->feed);
        note.record = section.text(advisory->id);
        if (advisory->modified_day != catalog::format::kNoDay) {
            note.as_of = Instant{Days{advisory->modified_day}};
        }
        note.claim = claim_text(package, row);
        note.standing = standing_text(row);
        note.unimportant = (row.flags & catalog::format::kUnimportant) != 0;
        notes.push_back(std::move(note));
    }
}

/// The name under which the section may know the package.
std::string name_in(
    std::string_view key, const catalog::Section& section, const model::InstalledPackage& package) {
    if (package.type == "rpm" && section.find(package.name)) {
        return package.name;
    }
    if (!language_section(package.type).empty()) {
        return model::fold_package_name(key, package.name);
    }
    return kernel_package(package).role == KernelRole::Image ? kernel_source(package).name
                                                             : package.source_name;
}

}  // namespace

Result<std::vector<RecordNote>> records_about(
    const catalog::Catalog& catalog,
    const model::OsRelease& os,
    const model::InstalledPackage& package,
    std::string_view vulnerability) {
    std::vector<SectionName> sections = sections_of(os);
    if (const std::string_view language = language_section(package.type); !language.empty()) {
        sections = {{std::string(language), Channel::Standard}};
    } else if (const auto release = backported_from(package.source_version);
               release && os.id == "debian") {
        sections = {{"Debian:" + *release, Channel::Standard}};
    }
    std::vector<RecordNote> notes;
    for (const SectionName& name : sections) {
        THIMBLE_TRY(const auto section, catalog.section(name.key));
        if (!section) {
            continue;
        }
        if (const auto view = section->find(name_in(name.key, *section, package))) {
            add_records(notes, *section, name.key, *view, vulnerability);
        }
    }
    return notes;
}

}  // namespace thimble::assess

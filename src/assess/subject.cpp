#include "thimble/assess/subject.hpp"

#include "thimble/assess/host_sections.hpp"
#include "thimble/assess/kernel_package.hpp"
#include "thimble/model/package_name.hpp"

#include <utility>

namespace thimble::assess {
namespace {

/// Under which name and version the distribution's own advisories know the package.
void name_subject(
    Subject& subject, const model::InstalledPackage& package, const KernelPackage& kernel) {
    if (kernel.role == KernelRole::Image) {
        KernelSource source = kernel_source(package);
        subject.name = std::move(source.name);
        subject.version = std::move(source.version);
        return;
    }
    if (package.type == "rpm") {
        // rpm distributions name binary packages; one that they do not name is judged by its source,
        // with the source's own epoch and version.
        subject.name = package.name;
        subject.version = package.version;
        subject.source_name = package.source_name;
        subject.source_version = package.source_version;
        return;
    }
    subject.name = package.source_name;
    subject.version = package.source_version;
}

}  // namespace

Subject subject_of(const model::OsRelease& os, const model::InstalledPackage& package, bool runs) {
    Subject subject;
    if (const std::string_view language = language_section(package.type); !language.empty()) {
        subject.kind = SubjectKind::Language;
        subject.section = language;
        subject.name = model::fold_package_name(language, package.name);
        subject.version = package.version;
        return subject;
    }
    const KernelPackage kernel = kernel_package(package);
    name_subject(subject, package, kernel);
    if (is_third_party(os, package)) {
        subject.kind = SubjectKind::ThirdParty;
    } else if (
        kernel.role == KernelRole::Companion || (kernel.role == KernelRole::Image && !runs)) {
        subject.kind = SubjectKind::IdleKernel;
    } else if (const auto release = backported_from(package.source_version);
               release && os.id == "debian") {
        subject.kind = SubjectKind::Backport;
        subject.section = "Debian:" + *release;
        subject.version = without_backport_suffix(subject.version);
    }
    return subject;
}

}  // namespace thimble::assess

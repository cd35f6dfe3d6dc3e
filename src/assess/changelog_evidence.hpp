#pragma once
/// @file What changelogs of pending updates speak of, and which of them nobody has read. Pure.

#include "thimble/model/finding.hpp"
#include "thimble/model/inventory.hpp"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::assess {

/// Whether a changelog says what an update of that package closes. Of kernels it speaks of the
/// images alone.
bool speaks_of(const model::ChangelogEvidence& changelog, const model::InstalledPackage& package);

/// Sources with a pending security update of which no changelog was read. The packages of the
/// inventory are not looked at: only dpkg's have changelogs that are read.
std::set<std::string_view> unread_changelogs(const model::Inventory& inventory);

/// Whether something may be open on the host that only a changelog would name.
/// O(packages + offers × changelogs).
bool has_unread_changelogs(const model::Inventory& inventory);

/// "3 offered patches (a, b, c) may, as their changelogs were not read": whether a vulnerability that nothing names is closed by a patch.
/// Empty: every changelog was read.
std::string unread_words(const model::Inventory& inventory);

/// Those of the vulnerabilities of which only a changelog that nobody has read would tell whether an offered patch closes them: no record
/// speaks of them in a package of the host, be it as fixed; or none knows a fix there, and of its source an update is offered.
/// @param all  with what is closed. O(vulnerabilities × findings)
std::vector<std::string> left_to_changelogs(
    const model::Inventory& inventory,
    const model::Assessment& all,
    const std::vector<std::string>& vulnerabilities);

}  // namespace thimble::assess

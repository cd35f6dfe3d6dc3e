#pragma once
/// @file What a plan rests on and may not be all that there is. Pure.

#include "thimble/model/inventory.hpp"
#include "thimble/model/plan.hpp"

#include <span>
#include <string>
#include <vector>

namespace thimble::cli {

/// A plan is only as good as what it was chosen from: an index of today, of archives that have the patches. Whoever names archives
/// says that these have them, as a mirror does under a name of its own.
/// @param gaps  of the scan
std::vector<model::Gap> index_gaps(
    const std::vector<model::Gap>& gaps,
    const model::PackageIndex& index,
    const model::PlanPolicy& policy);

/// Those of the catalog, where the choice rests on advisories: what is a security matter, and what closes a CVE. What is named by
/// packages, and all that is offered, is so whatever they say.
/// @param gaps  of the scan
/// @param is_one_of_many  who named CVEs and advisories has judged the hosts by a catalog of his own; what is a security matter
///        of this one its own alone tells
std::vector<model::Gap> catalog_gaps(
    const std::vector<model::Gap>& gaps,
    const model::PlanSelection& selection,
    bool is_one_of_many);

/// Packages that are half done, where nothing else tells of them: a plan is refused for them, and patches are left out.
/// @param gaps  of the scan
std::vector<model::Gap> unfinished_gaps(
    const std::vector<model::Gap>& gaps, const std::vector<model::LeftOut>& left_out);

/// That nobody can tell whether a patch has to do with what was asked for.
/// @param names  CVEs and advisories, at least one
/// @param gaps  of the scan
/// @param missing  those of the index and the catalog that count: whatever these lack may be what was asked for
model::Gap not_known_gap(
    std::span<const std::string> names,
    const model::Inventory& inventory,
    const std::vector<model::Gap>& gaps,
    const std::vector<model::Gap>& missing);

/// The document of a plan as an answer, which has the gaps beside it: they are of the moment, and no part of the plan.
std::string with_gaps(std::string document, const std::vector<model::Gap>& gaps);

}  // namespace thimble::cli

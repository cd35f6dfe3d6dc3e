#include "thimble/cli/patch_approval.hpp"

#include "thimble/apply/whole_file.hpp"
#include "thimble/base/counted.hpp"
#include "thimble/cli/patch_host.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/model/approval.hpp"
#include "thimble/model/signing_key.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace thimble::cli {
namespace {

constexpr std::chrono::seconds kVerifyTimeout{20};
constexpr std::size_t kMaxOutputBytes = std::size_t{64} << 10;

Error not_approved(std::string why) {
    return failure(ErrorKind::Conflict, "apply.not_approved", std::move(why));
}

/// A list that somebody else may write to names nobody.
Result<void> check_owner(const std::string& approvers) {
    struct stat info{};
    if (::stat(approvers.c_str(), &info) != 0) {
        return failure(
            ErrorKind::NotFound,
            "apply.no_approvers",
            "the list of who may approve cannot be read: " + approvers);
    }
    const bool is_ours = info.st_uid == 0 || info.st_uid == ::geteuid();
    if (!S_ISREG(info.st_mode) || !is_ours || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return failure(
            ErrorKind::Denied,
            "apply.open_approvers",
            approvers + " must be a file of root that nobody else may write to: chmod 644");
    }
    return {};
}

/// Whether the person's key, as the list has it, made the signature.
Result<bool> is_signed(
    const PatchOptions& options, const model::FittingApproval& approval, const std::string& file) {
    THIMBLE_TRY(apply::write_whole_file(file, approval.signed_by.signature));
    THIMBLE_TRY(
        const host::Outcome verified,
        host::run_command(
            {.argv =
                 {"ssh-keygen",
                  "-Y",
                  "verify",
                  "-f",
                  options.approvers,
                  "-I",
                  approval.person,
                  "-n",
                  std::string(model::kApprovalNamespace),
                  "-s",
                  file},
             .input = approval.signed_by.statement,
             .timeout = kVerifyTimeout,
             .output_limit = kMaxOutputBytes,
             .own_session = true}));
    return verified.exit_status == 0;
}

/// Who signed, by which key. A line of the list may have several names, or a pattern: the name alone makes nobody another person.
using Signers = std::map<std::string, std::vector<std::string>>;

Result<Signers> who_signed(
    const PatchOptions& options, const std::vector<model::FittingApproval>& fitting) {
    const std::string file = (patch_state(options) / "approval.sig").string();
    Signers signers;
    for (const model::FittingApproval& approval : fitting) {
        THIMBLE_TRY(const bool is_good, is_signed(options, approval, file));
        const auto key = model::signing_key(approval.signed_by.signature);
        if (is_good && key) {
            signers[*key].push_back(approval.person);
        }
    }
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    return signers;
}

/// "anna, bert and carl with one key".
std::string names_of(const Signers& signers) {
    std::string names;
    for (const auto& [key, people] : signers) {
        names += names.empty() ? "" : ", ";
        for (const std::string& person : people) {
            names += (person == people.front() ? "" : " and ") + person;
        }
        names += people.size() > 1 ? " with one key" : "";
    }
    return names.empty() ? "none" : names;
}

}  // namespace

Result<std::string> check_approvals(
    const PatchOptions& options, const model::Plan& plan, Instant now) {
    if (options.approvers.empty()) {
        return std::string();
    }
    THIMBLE_TRY(check_owner(options.approvers));
    const std::string wanted = "this host carries out only what "
        + counted(options.approvals, "person", "people") + " of " + options.approvers
        + " signed (thimble rollout approve --sign KEY)";
    if (options.approval.empty()) {
        return not_approved(wanted + ", and nobody's signature came with the plan");
    }
    THIMBLE_TRY(
        std::string text, apply::read_whole_file(options.approval, model::kMaxEvidenceBytes));
    THIMBLE_TRY(const auto evidence, model::parse_approval_evidence(text));
    const auto fitting = model::fitting_approvals(evidence, plan, now);
    if (!fitting) {
        return not_approved(wanted + ": " + fitting.error().message);
    }
    THIMBLE_TRY(const Signers signers, who_signed(options, *fitting));
    if (signers.size() < options.approvals) {
        return not_approved(wanted + "; good signatures: " + names_of(signers));
    }
    return text;
}

}  // namespace thimble::cli

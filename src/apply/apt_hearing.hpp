#pragma once
/// @file What was heard of a running apt or dpkg, and what it means for how the transaction ended.

#include "thimble/apply/apt_status.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace thimble::apply {

/// Collects while the program runs.
class AptHearing {
public:
    explicit AptHearing(const Transaction& transaction) : transaction_(transaction) {}

    /// A piece of standard output or error.
    void take_output(std::string_view piece);
    /// A piece of the status channel.
    void take_status(std::string_view piece);

    [[nodiscard]] bool has_begun() const { return has_begun_; }
    /// What the gate said against it, one sentence a line; empty: nothing.
    [[nodiscard]] const std::string& refusal() const { return refusal_; }
    [[nodiscard]] bool has_failed() const { return has_failed_; }
    /// The first failure that was told; empty when none was.
    [[nodiscard]] const AptEvent& failure() const { return failure_; }
    [[nodiscard]] bool was_asked() const { return was_asked_; }
    /// The last of the output, at most 64 KiB.
    [[nodiscard]] const std::string& output() const { return output_; }

private:
    void take_line(std::string_view line);

    const Transaction& transaction_;
    AptStatusReader reader_;
    std::string output_;
    std::string line_;
    std::string refusal_;
    AptEvent failure_;
    bool has_failed_ = false;
    bool has_begun_ = false;
    bool was_asked_ = false;
};

/// How a program that was heard ended: `exit_status`, or `killed` by a limit of ours.
/// @param holder  who holds the lock now
TransactionReport judge_ending(
    const AptHearing& hearing,
    int exit_status,
    const std::optional<Error>& killed,
    const std::optional<LockHolder>& holder);

}  // namespace thimble::apply

#include "thimble/apply/apt_hearing.hpp"

#include "thimble/apply/apt_status.hpp"
#include "thimble/apply/expected_actions.hpp"
#include "thimble/apply/output_tail.hpp"
#include "thimble/apply/package_manager.hpp"
#include "thimble/base/error.hpp"
#include "thimble/base/lines.hpp"
#include "thimble/base/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace thimble::apply {
namespace {

constexpr std::size_t kMaxOutput = std::size_t{64} << 10;
constexpr std::size_t kMaxLine = 4096;
constexpr std::size_t kMaxRefusal = 4096;
constexpr std::size_t kMaxDetail = 1000;

/// A name out of "name", "name:architecture" or "/folder/name_version_architecture.deb".
std::string package_of(std::string_view text) {
    text = text.substr(text.rfind('/') + 1);
    return std::string(text.substr(0, text.find_first_of(":_ ")));
}

bool says(const AptHearing& hearing, std::string_view words) {
    return hearing.output().contains(words) || hearing.failure().text.contains(words);
}

TransactionEnding ending_of(const AptHearing& hearing, bool is_locked) {
    if (!hearing.refusal().empty()) {
        return TransactionEnding::Refused;
    }
    if (says(hearing, kNoSpaceLeft)) {
        return TransactionEnding::NoSpace;
    }
    if (!hearing.has_begun()) {
        return is_locked ? TransactionEnding::Locked : TransactionEnding::Refused;
    }
    // There is no terminal: whoever looks for one wanted to ask. dpkg announces every conflict of a
    // configuration file, also when it knows the answer; it has asked only when it found nobody.
    if (says(hearing, "/dev/tty") || (hearing.was_asked() && says(hearing, "at conffile prompt"))) {
        return TransactionEnding::Prompted;
    }
    return TransactionEnding::Failed;
}

/// dpkg's last words where a script of the version that is to go has failed, and the one that comes has none in its place.
constexpr std::string_view kNoOtherScript = "there is no script in the new version";

/// Which script that was: dpkg says it in a warning before. Empty: that is not what happened.
std::string failed_script(const AptHearing& hearing) {
    constexpr std::string_view kWarning = "dpkg: warning: ";
    if (!hearing.failure().text.contains(kNoOtherScript)) {
        return {};
    }
    std::string_view script;
    Lines lines(hearing.output());
    for (std::string_view line; lines.next(line) && !line.contains(kNoOtherScript);) {
        if (line.starts_with(kWarning) && line.contains(" script ")) {
            script = line.substr(kWarning.size());
        }
    }
    return script.empty() ? std::string() : printable(script, kMaxDetail) + "; ";
}

}  // namespace

void AptHearing::take_output(std::string_view piece) {
    if (transaction_.output) {
        transaction_.output(piece);
    }
    output_ += piece;
    if (output_.size() > 2 * kMaxOutput) {
        output_.erase(0, output_.size() - kMaxOutput);
    }
    while (!piece.empty()) {
        const std::size_t feed = piece.find('\n');
        if (line_.size() < kMaxLine) {
            line_ += piece.substr(0, feed);
        }
        if (feed == std::string_view::npos) {
            return;
        }
        piece.remove_prefix(feed + 1);
        take_line(line_);
        line_.clear();
    }
}

/// The gate speaks before dpkg is started; a maintainer script that says the same says it later.
void AptHearing::take_line(std::string_view line) {
    const std::string_view refuses = kGateRefuses;
    if (!has_begun_ && line.starts_with(refuses) && refusal_.size() < kMaxRefusal) {
        refusal_ += refusal_.empty() ? "" : "; ";
        refusal_ += printable(line.substr(refuses.size()), 500);
    }
}

void AptHearing::take_status(std::string_view piece) {
    for (AptEvent& event : reader_.take(piece)) {
        has_begun_ = has_begun_ || event.kind != AptEventKind::Fetching;
        was_asked_ = was_asked_ || event.kind == AptEventKind::Asking;
        if (transaction_.progress && event.kind == AptEventKind::Working) {
            transaction_.progress(event.per_mille, printable(event.text, 200));
        }
        if (event.kind == AptEventKind::Failed && !has_failed_) {
            has_failed_ = true;
            failure_ = std::move(event);
        }
    }
}

TransactionReport judge_ending(
    const AptHearing& hearing,
    int exit_status,
    const std::optional<Error>& killed,
    const std::optional<LockHolder>& holder) {
    TransactionReport report;
    report.exit_status = exit_status;
    report.output = hearing.output();
    report.failed_package = package_of(hearing.failure().package);
    if (killed) {
        report.ending = TransactionEnding::TimedOut;
        report.detail = "killed: " + killed->text();
        return report;
    }
    if (exit_status == 0) {
        report.ending = TransactionEnding::Done;
        return report;
    }
    report.ending = ending_of(hearing, holder.has_value());
    // Of a script that fails dpkg says its status and nothing more.
    report.is_own_word = report.ending == TransactionEnding::NoSpace
        && hearing.failure().text.contains(kNoSpaceLeft);
    if (!hearing.refusal().empty()) {
        report.detail = hearing.refusal();
    } else if (report.ending == TransactionEnding::Locked && holder) {
        report.detail = holder->lock + " is held by " + printable(holder->command, 200)
            + " (process " + std::to_string(holder->pid) + ")";
    } else if (hearing.has_failed()) {
        report.detail = report.failed_package + ": " + failed_script(hearing)
            + printable(hearing.failure().text, kMaxDetail);
    } else {
        report.detail = last_words(hearing.output());
    }
    return report;
}

}  // namespace thimble::apply

#include "thimble/apply/conffile_record.hpp"

#include "thimble/apply/dpkg_database.hpp"
#include "thimble/base/lines.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace thimble::apply {
namespace {

constexpr std::string_view kField = "Conffiles:";

/// A stanza in two: its field of configuration files, and all others.
struct SplitStanza {
    std::string conffiles;
    std::string others;
};

SplitStanza split_stanza(std::string_view stanza) {
    SplitStanza split;
    bool is_ours = false;
    Lines lines(stanza);
    for (std::string_view line; lines.next(line);) {
        const bool goes_on = line.starts_with(' ') || line.starts_with('\t');
        is_ours = goes_on ? is_ours : line.starts_with(kField);
        std::string& part = is_ours ? split.conffiles : split.others;
        part.append(line).append("\n");
    }
    return split;
}

/// What is only unpacked has its new files still beside it, and is no record.
bool is_set_up(const DpkgEntry& entry) {
    return entry.state == DpkgState::Installed || entry.state == DpkgState::TriggersAwaited
        || entry.state == DpkgState::TriggersPending;
}

}  // namespace

std::string format_conffile_records(std::span<const DpkgEntry* const> entries) {
    std::string text;
    for (const DpkgEntry* entry : entries) {
        text += text.empty() ? "" : "\n";
        text += "Package: " + entry->name + "\nStatus: install ok installed\n";
        text += "Architecture: " + entry->architecture + "\nVersion: " + entry->version + "\n";
        text += split_stanza(entry->stanza).conffiles;
    }
    return text;
}

std::optional<std::string> with_recorded_conffiles(const DpkgEntry& now, const DpkgEntry& record) {
    if (!is_set_up(now) || now.version != record.version) {
        return std::nullopt;
    }
    const SplitStanza is = split_stanza(now.stanza);
    const SplitStanza was = split_stanza(record.stanza);
    return is.conffiles == was.conffiles ? std::nullopt : std::optional(is.others + was.conffiles);
}

}  // namespace thimble::apply
